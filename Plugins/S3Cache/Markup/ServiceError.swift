/// The content of an error answer of S3 or STS: `<Error><Code>…</Code><Message>…</Message></Error>`.
struct ServiceError: Equatable {
    var code: String
    var message: String
    /// The region of the bucket, if the answer contains it.
    var region: String?

    /// Parses an answer's body. S3's messages name keys only by their public part.
    init?(_ body: some Collection<UInt8>) {
        guard body.count <= Self.largestBody, let error = XMLElement(parsing: body)?.first("Error"),
            let code = error["Code"]
        else { return nil }
        self.code = Self.isCode(code) ? code : "an error without a readable code"
        message = Self.shortened(error["Message"] ?? "")
        region = error["Region"]
    }

    /// How much of the body of an error is read, in bytes. S3's own errors have a few hundred.
    static let largestBody = 64 << 10
    private static let longestMessage = 400

    /// What the operator can do about it. It is empty where that is not known.
    var remedy: String {
        switch code {
        case "NoSuchBucket": "create it, or correct 's3_bucket_name'"
        case "InvalidAccessKeyId": "check 's3_aws_access_key_id'"
        case "SignatureDoesNotMatch": "check 's3_aws_secret_access_key'"
        case "ExpiredToken", "InvalidToken": "check 's3_aws_session_token'"
        case "AccessDenied": "allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on it"
        default: ""
        }
    }

    /// Whether a text is a code: ASCII words, which are cheap to compare.
    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 128 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Shortens a message to what fits into a line of the log.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > longestMessage else { return text }
        return String(decoding: text.utf8.prefix(longestMessage), as: UTF8.self) + "…"
    }
}
