/// What S3 or STS says went wrong: `<Error><Code>…</Code><Message>…</Message></Error>`.
struct ServiceError: Equatable {
    var code: String
    var message: String
    /// Where the bucket is, if the answer tells.
    var region: String?

    /// Reads an answer's body. S3's messages name keys by their public part only.
    init?(_ body: some Collection<UInt8>) {
        guard let error = XMLElement(parsing: body)?.first("Error"), let code = error["Code"] else { return nil }
        self.code = code
        message = error["Message"] ?? ""
        region = error["Region"]
    }
}
