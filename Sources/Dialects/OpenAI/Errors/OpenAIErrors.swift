import JSON
import NIOCore

extension OpenAI {
    /// How errors are reported: `{"error": {"message", "type", "param", "code"}}`.
    public static let errors = ErrorForm(
        body: errorBody,
        event: { "data: \(errorBody($0))\n\n" },
        read: { data, document in document.readError(in: data) }
    )

    /// The body always has all four members.
    @Sendable private static func errorBody(_ error: ErrorReport) -> String {
        JSONWriter.object { json in
            writeMember(error, to: &json)
        }
    }

    /// Writes the member `error` of a body or an event.
    static func writeMember(_ error: ErrorReport, to json: inout JSONWriter) {
        json.member("error") { json in
            json.object { json in
                json.member("message", error.message)
                json.member("type", error.type)
                json.member("param", error.parameter)
                json.member("code", error.code)
            }
        }
    }
}

extension JSONDocument {
    fileprivate func readError(in data: ByteBuffer) -> ErrorForm.Reported? {
        guard let root, kind(of: root) == .object else { return nil }
        // Some servers send the error itself in an event named `error`.
        let error = member("error", of: root) ?? root
        switch kind(of: error) {
        case .object:
            guard member("message", of: error) != nil, let range = byteRange(of: error),
                let text = data.getSlice(at: data.readerIndex + range.lowerBound, length: range.count)
            else { return nil }
            var json = JSONWriter()
            json.object { $0.member("error") { $0.value(text) } }
            return .answer(status: status(ofError: error), body: json.buffer)
        case .string: return string(error).map { .message($0) }
        default: return nil
        }
    }

    /// The status of an error: its own status member, otherwise the status that OpenAI uses for its type, otherwise
    /// 502.
    private func status(ofError error: JSONNode) -> Int {
        for name: StaticString in ["status", "status_code", "code"] {
            guard let value = member(name, of: error) else { continue }
            let number = int64(value) ?? string(value).flatMap { $0.utf8.count == 3 ? Int64($0) : nil }
            if let number, (400..<600).contains(number) { return Int(number) }
        }
        for name: StaticString in ["code", "type"] {
            guard let value = member(name, of: error) else { continue }
            for (word, status) in Self.statuses where text(of: value, equals: word) { return status }
        }
        return 502
    }

    private static let statuses: [(StaticString, Int)] = [
        ("invalid_request_error", 400), ("authentication_error", 401), ("permission_error", 403),
        ("not_found_error", 404), ("rate_limit_error", 429), ("rate_limit_exceeded", 429), ("insufficient_quota", 429),
        ("server_error", 500), ("api_error", 500), ("internal_server_error", 500), ("overloaded_error", 503),
        ("service_unavailable", 503), ("timeout", 504), ("timeout_error", 504),
    ]
}
