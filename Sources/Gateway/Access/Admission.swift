import Configuration
import ContentCoding
import HTTPSyntax
import NIOHTTP1
import Text

/// Decides from a request's head alone whether it is read and answered. It is immutable and shared by all event loops.
struct Admission: Sendable {
    private let masterKey: [UInt8]?
    private let bodyLimit: Int
    /// The paths that there are, as a list in words.
    private let served: String

    /// - Parameters:
    ///   - masterKey: the key that every request but a probe must carry. If it is nil, every request is admitted.
    ///   - bodyLimit: the greatest size of a body in bytes.
    ///   - served: the paths that there are, as a list in words.
    init(masterKey: String?, bodyLimit: Int, served: String) {
        self.masterKey = masterKey.map { Array($0.utf8) }
        self.bodyLimit = bodyLimit
        self.served = served
    }

    /// Returns the caller of the request, or the error that it is answered with.
    func admit(_ head: RequestHead) -> Result<Transaction.Caller, APIError> {
        let route = head.route
        if case .nowhere = route {
            let path = Self.path(of: head.target)
            return .failure(.unknownPath(method: head.method.rawValue, path: path, served: served))
        }
        guard Self.isAllowed(head.method, route) else {
            return .failure(
                .methodNotAllowed(
                    method: head.method.rawValue,
                    path: Self.path(of: head.target),
                    allowed: route.allowedMethods
                )
            )
        }
        let isPublic = route.isPublic
        if !isPublic, let refusal = refusal(of: head.fields) { return .failure(refusal) }
        if let coding = head.fields.contentEncoding, !Self.takes(coding, route) {
            return .failure(.unsupportedCoding(coding))
        }
        if let length = head.fields.contentLength, length > bodyLimit {
            let limit = head.passesBodyAfter == nil ? bodyLimit : PassedBody.longest
            if length > limit { return .failure(.tooLarge(limit: limit)) }
        }
        return .success(masterKey == nil || isPublic ? .anonymous : .master)
    }

    private static func isAllowed(_ method: HTTPMethod, _ route: Route) -> Bool {
        switch route {
        case .inference, .deployment, .form: method == .POST
        case .passThrough: [.GET, .HEAD, .POST, .PUT, .PATCH, .DELETE].contains(method)
        case .endpoint(let settings, _, _): settings.methods.contains(method.rawValue)
        case .options: method == .OPTIONS
        case .nowhere: false
        case .models, .model, .modelInfo, .modelGroupInfo, .liveness, .readiness, .health, .cachePing:
            method == .GET || method == .HEAD
        }
    }

    /// Whether a body with these codings is read. One that is passed on is for its provider to decode.
    private static func takes(_ codings: String, _ route: Route) -> Bool {
        switch route {
        case .passThrough, .endpoint: true
        default: ContentCoding(field: codings) != nil
        }
    }

    /// The part of a path that is shown in an error: without its query, and shortened.
    private static func path(of target: String) -> String {
        String(decoding: target.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self).quotable
    }

    private func refusal(of fields: RequestFields) -> APIError? {
        guard let masterKey else { return nil }
        // Some clients send both, of which one may be meant for somebody else.
        let bearer = fields.authorization.flatMap { Self.bearer($0) }
        if let bearer, Self.isEqual(bearer, masterKey) { return nil }
        if let key = fields.apiKey, Self.isEqual(key.utf8, masterKey) { return nil }
        if fields.authorization != nil, bearer == nil {
            return .unauthorized("the Authorization header must be 'Bearer <key>'.")
        }
        if bearer != nil || fields.apiKey != nil {
            return .unauthorized("the API key is not the gateway's master key.")
        }
        return .unauthorized("no API key was given; send 'Authorization: Bearer <key>'.")
    }

    /// The token of a Bearer credential (RFC 6750 section 2.1).
    private static func bearer(_ authorization: [UInt8]) -> ArraySlice<UInt8>? {
        let isBearer = authorization.withUnsafeBytes { $0.count > 7 && $0.equalsIgnoringCase(0..<7, "bearer ") }
        return isBearer ? authorization[7...].drop { $0 == UInt8(ascii: " ") } : nil
    }

    /// Compares in a time that depends only on the length of what the client sent.
    static func isEqual(_ given: some Collection<UInt8>, _ key: [UInt8]) -> Bool {
        guard !key.isEmpty else { return false }
        var difference = given.count ^ key.count
        var index = 0
        for byte in given {
            difference |= Int(byte ^ key[index % key.count])
            index += 1
        }
        return difference == 0
    }
}

extension APIError {
    /// 415: the body has a coding that the gateway does not decode.
    static func unsupportedCoding(_ coding: String) -> APIError {
        APIError(
            status: 415,
            message: "The request body is coded as '\(coding.quotable)'; send it with one of the codings "
                + "\(ContentCoding.accepted), or without Content-Encoding.",
            type: "invalid_request_error",
            parameter: nil,
            code: "unsupported_content_encoding",
            headers: [("accept-encoding", ContentCoding.accepted)]
        )
    }

    /// 400, 413, 431 or 505: the bytes are not a request, or not one that is read.
    static func malformed(_ error: MalformedRequest, bodyLimit: Int) -> APIError {
        switch error {
        case .bodyTooLarge: .tooLarge(limit: bodyLimit)
        case .headTooLarge: .malformed(error.reason, status: 431, code: "headers_too_large")
        case .version: .malformed(error.reason, status: 505, code: "http_version_not_supported")
        case .requestLine, .field, .host, .contentLength, .transferEncoding, .chunk:
            .malformed(error.reason, status: 400, code: "malformed_request")
        }
    }

    private static func malformed(_ reason: String, status: Int, code: String) -> APIError {
        APIError(status: status, message: reason, type: "invalid_request_error", parameter: nil, code: code)
    }
}
