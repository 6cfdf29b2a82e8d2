/// AWS Signature Version 4 in the Authorization header, single chunk ("Authenticating Requests: Using the Authorization
/// Header"). It has no clock.
struct SignatureV4 {
    /// A request as it will be sent.
    struct Request {
        var method: String
        /// The percent-encoded path, which begins with a slash.
        var path: String
        /// The names and values, which are not encoded.
        var query: [(name: String, value: String)] = []
        /// Every header that is to be signed, including `host`. Names are in lower case.
        var headers: [(name: String, value: String)]
        /// The hash of the body in hexadecimal.
        var payloadHash: String
    }

    let credentials: AccessKeys
    let region: String
    let service: String

    init(_ credentials: AccessKeys, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The value of the Authorization header.
    func authorization(_ request: Request, at time: CalendarTime) -> String {
        let signature = Digest.hmac(signingKey(time), stringToSign(request, at: time)).hexadecimal
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope(time)), "
            + "SignedHeaders=\(Self.signedHeaders(request)), Signature=\(signature)"
    }

    func stringToSign(_ request: Request, at time: CalendarTime) -> String {
        let hash = Digest.sha256(Self.canonicalRequest(request)).hexadecimal
        return "AWS4-HMAC-SHA256\n\(time.basicTime)\n\(scope(time))\n\(hash)"
    }

    static func canonicalRequest(_ request: Request) -> String {
        let headers = sortedHeaders(request).map { "\($0.name):\(collapsed($0.value))\n" }.joined()
        return [
            request.method, request.path, canonicalQuery(request.query), headers, signedHeaders(request),
            request.payloadHash,
        ]
        .joined(separator: "\n")
    }

    /// The query as it is signed and sent.
    static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        query.map { (URIEncoding.encoded($0.name), URIEncoding.encoded($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private static func signedHeaders(_ request: Request) -> String {
        sortedHeaders(request).map(\.name).joined(separator: ";")
    }

    private static func sortedHeaders(_ request: Request) -> [(name: String, value: String)] {
        request.headers.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }

    /// The value without surrounding spaces, and with each run of spaces replaced by one.
    private static func collapsed(_ value: String) -> String {
        value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    private func scope(_ time: CalendarTime) -> String { "\(time.basicDate)/\(region)/\(service)/aws4_request" }

    private func signingKey(_ time: CalendarTime) -> [UInt8] {
        [region, service, "aws4_request"]
            .reduce(Digest.hmac(Array("AWS4\(credentials.secretKey)".utf8), time.basicDate)) { Digest.hmac($0, $1) }
    }
}
