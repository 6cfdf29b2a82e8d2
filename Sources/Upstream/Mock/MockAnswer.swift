import CallTypes
import Glibc
import NIOCore

/// A whole answer that is made without a server.
struct MockAnswer {
    var head: UpstreamHead
    /// The body, in the pieces in which it would be received.
    var pieces: [ByteBuffer]

    /// Makes an answer of one JSON text.
    init(status: Int = 200, json: String) {
        let body = ByteBuffer(string: json)
        self.head = UpstreamHead(
            status: status,
            fields: [("content-type", "application/json")],
            contentLength: body.readableBytes
        )
        self.pieces = [body]
    }

    /// Makes an answer of server-sent events, each with all of its lines.
    init(events: [String]) {
        self.head = UpstreamHead(
            status: 200,
            fields: [("content-type", "text/event-stream; charset=utf-8")],
            contentLength: nil
        )
        self.pieces = events.map { ByteBuffer(string: $0) }
    }
}

extension MockResponse {
    /// The answer to a request, or nil where a mock cannot answer the call.
    ///
    /// - Parameters:
    ///   - form: how mocks answer the call. It is nil where they cannot.
    ///   - model: the name that the answer gives as the model's.
    func answer(to request: UpstreamRequest, form: MockForm?, model: String) -> MockAnswer? {
        let content: MockForm.Content
        switch self {
        case .json(let json): return MockAnswer(json: json)
        case .text(let text):
            if let form, let error = Self.error(text, form) { return error }
            content = .text(text)
        case .embedding(let numbers): content = .embedding(numbers)
        }
        guard let form else { return nil }
        let details = MockForm.Request(
            model: model,
            created: Int64(time(nil)),
            number: UInt64.random(in: .min ... .max),
            inputCount: max(0, request.inputCount),
            includesUsage: request.includesUsage
        )
        if request.isStream, let events = form.events { return MockAnswer(events: events(content, details)) }
        return MockAnswer(json: form.whole(content, details))
    }

    /// LiteLLM's names for answers that are errors.
    private static func error(_ text: String, _ form: MockForm) -> MockAnswer? {
        let (status, type, message): (Int, String, String)
        switch text {
        case "litellm.RateLimitError":
            (status, type, message) = (429, "throttling_error", "this is a mock rate limit error")
        case "litellm.InternalServerError":
            (status, type, message) = (500, "internal_server_error", "this is a mock internal server error")
        case "litellm.ContextWindowExceededError":
            (status, type, message) = (400, "invalid_request_error", "this is a mock context window exceeded error")
        default: return nil
        }
        return MockAnswer(status: status, json: form.failure(status, type, message))
    }
}
