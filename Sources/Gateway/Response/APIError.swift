import Dialects
import Text

/// An error that a client is answered with. The form is that of its API family.
struct APIError: Error, Equatable {
    /// The HTTP status.
    var status: Int
    /// A sentence that says what is wrong and how to correct it. It never contains a secret.
    var message: String
    /// The class of the error, in OpenAI's terms.
    var type: String
    /// The invalid member of the request.
    var parameter: String?
    /// A word for programs.
    var code: String?
    /// Header fields that belong to this answer (Allow, WWW-Authenticate, Retry-After).
    var headers: [(name: String, value: String)] = []

    static func == (left: APIError, right: APIError) -> Bool {
        left.status == right.status && left.message == right.message && left.type == right.type
            && left.parameter == right.parameter && left.code == right.code
    }

    /// Whether the request is refused because a limit of the gateway itself is reached.
    var isOverload: Bool {
        switch code {
        case "memory_limit_reached", "model_overloaded", "overloaded": true
        // Refused connections are logged where they are counted.
        default: false
        }
    }

    /// Whether the log says that a request was answered with it. Left out is what the client asked for itself, and what is
    /// logged elsewhere: refused connections where they are counted, and the end of the process.
    var isReported: Bool {
        guard status >= 500 || isOverload else { return false }
        switch code {
        case "not_cached", "too_many_connections", "gateway_stopping", "reload_pending", "http_version_not_supported":
            return false
        default: return true
        }
    }

    /// What is reported of it, in whichever form the client's API family has.
    var report: ErrorReport {
        ErrorReport(status: status, message: message, type: type, parameter: parameter, code: code)
    }
}

extension APIError {
    /// 400: the request is invalid.
    static func invalidRequest(_ message: String, parameter: String? = nil, code: String? = nil) -> APIError {
        APIError(status: 400, message: message, type: "invalid_request_error", parameter: parameter, code: code)
    }

    /// 401: the request has no key, or a wrong one.
    static func unauthorized(_ reason: String) -> APIError {
        APIError(
            status: 401,
            message: "Authentication failed: \(reason)",
            type: "invalid_request_error",
            parameter: nil,
            code: "invalid_api_key",
            headers: [("www-authenticate", "Bearer")]
        )
    }

    /// 404: there is no such path.
    ///
    /// - Parameter served: the paths that there are, as a list in words.
    static func unknownPath(method: String, path: String, served: String) -> APIError {
        APIError(
            status: 404,
            message: "There is nothing at \(method) \(path). This gateway serves \(served).",
            type: "invalid_request_error",
            parameter: nil,
            code: "unknown_url"
        )
    }

    /// 404: there is no such model. Only the beginning of a long name is shown.
    ///
    /// - Parameter isRestricted: whether it may be that the client's key is for other models.
    static func unknownModel(_ name: String, nearest: String?, isRestricted: Bool = false) -> APIError {
        let list = "GET /v1/models lists the models that \(isRestricted ? "it is for" : "are configured")."
        let hint = nearest.map { "did you mean '\($0)'?" } ?? list
        let key = isRestricted ? ", or the API key is not for it" : ""
        return APIError(
            status: 404,
            message: "The model '\(name.quotable)' does not exist here\(key); \(hint)",
            type: "invalid_request_error",
            parameter: "model",
            code: "model_not_found"
        )
    }

    /// 400, since another attempt does not help: the model is configured, but the gateway does not support it.
    static func disabledModel(_ name: String, reason: String) -> APIError {
        APIError(
            status: 400,
            message: "The model '\(name)' is disabled here: \(reason).",
            type: "invalid_request_error",
            parameter: "model",
            code: "model_disabled"
        )
    }

    /// 405: the path exists, but does not have this method.
    static func methodNotAllowed(method: String, path: String, allowed: String) -> APIError {
        APIError(
            status: 405,
            message: "\(path) answers \(allowed), not \(method).",
            type: "invalid_request_error",
            parameter: nil,
            code: "method_not_allowed",
            headers: [("allow", allowed)]
        )
    }

    /// 408: the request was not received in time.
    static let requestTimeout = APIError(
        status: 408,
        message: "The request did not arrive in time; send its head and its body without long pauses.",
        type: "invalid_request_error",
        parameter: nil,
        code: "request_timeout"
    )

    /// 413: the body exceeds the limit, which is in bytes.
    static func tooLarge(limit: Int) -> APIError {
        APIError(
            status: 413,
            message: "The request body is larger than the limit of \(limit) bytes.",
            type: "invalid_request_error",
            parameter: nil,
            code: "request_too_large"
        )
    }

    /// 500: the gateway itself has failed.
    static func internalFailure(_ message: String) -> APIError {
        APIError(status: 500, message: message, type: "server_error", parameter: nil, code: "internal_error")
    }

    /// 502: the upstream answer is too large to be assembled.
    static func upstreamTooLarge(limit: Int) -> APIError {
        APIError(
            status: 502,
            message: "The model's answer is larger than \(limit) bytes; ask for fewer inputs at a time.",
            type: "upstream_error",
            parameter: nil,
            code: "upstream_answer_too_large"
        )
    }

    /// 503: the gateway is stopping, and the request was not finished in time.
    static let stopping = APIError(
        status: 503,
        message: "The gateway is stopping; send the request again.",
        type: "server_error",
        parameter: nil,
        code: "gateway_stopping",
        headers: [("retry-after", "1")]
    )

    /// 503: there are more connections than the gateway keeps open.
    static func tooManyConnections(perAddress: Bool) -> APIError {
        APIError(
            status: 503,
            message: perAddress
                ? "Your address has too many connections to this gateway open; close some, or use them for several requests."
                : "This gateway has as many connections open as it may; try again later.",
            type: "server_error",
            parameter: nil,
            code: "too_many_connections",
            headers: [("retry-after", "1")]
        )
    }

    /// 503: current requests and answers hold as many bytes as they may.
    static let outOfMemory = APIError(
        status: 503,
        message: "The gateway holds as many requests and answers in memory as it may; try again in a second.",
        type: "server_error",
        parameter: nil,
        code: "memory_limit_reached",
        headers: [("retry-after", "1")]
    )

    /// 504: the client accepts only a cached answer, and there is none.
    static let onlyIfCached = APIError(
        status: 504,
        message: "Nothing is cached for this request, and it says only-if-cached.",
        type: "invalid_request_error",
        parameter: nil,
        code: "not_cached"
    )
}
