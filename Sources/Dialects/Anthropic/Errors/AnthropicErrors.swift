import JSON
import NIOCore

extension Anthropic {
    /// How errors are reported: `{"type": "error", "error": {"type", "message"}}`.
    public static let errors = ErrorForm(
        body: errorBody,
        event: { "event: error\ndata: \(errorBody($0))\n\n" },
        read: { data, document in document.readAnthropicError(in: data) },
        requestIDField: "request-id"
    )

    @Sendable private static func errorBody(_ error: ErrorReport) -> String {
        errorBody(type: errorType(of: error.status), message: error.message)
    }

    static func errorBody(type: String, message: String) -> String {
        JSONWriter.object { json in
            json.member("type", "error")
            json.member("error") { json in
                json.object { json in
                    json.member("type", type)
                    json.member("message", message)
                }
            }
        }
    }

    /// The types of errors with their statuses.
    fileprivate static let errorTypes: [(type: StaticString, status: Int)] = [
        ("invalid_request_error", 400), ("authentication_error", 401), ("billing_error", 402),
        ("permission_error", 403), ("not_found_error", 404), ("request_too_large", 413), ("rate_limit_error", 429),
        ("api_error", 500), ("timeout_error", 504), ("overloaded_error", 529),
    ]

    /// The type of the errors that have a status.
    static func errorType(of status: Int) -> String {
        if let known = errorTypes.first(where: { $0.status == status }) { return "\(known.type)" }
        switch status {
        case 408: return "timeout_error"
        case 503: return "overloaded_error"
        case ..<500: return "invalid_request_error"
        default: return "api_error"
        }
    }
}

extension JSONDocument {
    /// Reads the data of an `error` event. It is passed on as the body that the same error has outside a stream.
    fileprivate func readAnthropicError(in data: ByteBuffer) -> ErrorForm.Reported? {
        guard let root, let error = member("error", of: root), member("message", of: error) != nil else { return nil }
        let type = member("type", of: error)
        let known = type.flatMap { type in Anthropic.errorTypes.first { text(of: type, equals: $0.type) } }
        return .answer(status: known?.status ?? 500, body: data)
    }
}
