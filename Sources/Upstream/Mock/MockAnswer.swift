import Glibc
import NIOCore
import Text

/// A whole answer that is made without a server.
struct MockAnswer {
    var head: UpstreamHead
    /// The body, in the pieces in which it would arrive.
    var pieces: [ByteBuffer]

    /// One JSON text.
    init(status: Int = 200, json: String) {
        let body = ByteBuffer(string: json)
        self.head = UpstreamHead(
            status: status,
            fields: [("content-type", "application/json")],
            contentLength: body.readableBytes
        )
        self.pieces = [body]
    }

    /// Server-sent events, ended as OpenAI ends them.
    init(events: [String]) {
        self.head = UpstreamHead(
            status: 200,
            fields: [("content-type", "text/event-stream; charset=utf-8")],
            contentLength: nil
        )
        self.pieces = (events + ["[DONE]"]).map { ByteBuffer(string: "data: \($0)\n\n") }
    }
}

extension MockResponse {
    /// The text of a mock that has none for the kind of call.
    private static let defaultText = "This is a mock request"
    private static let defaultEmbedding: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]

    /// - Parameter model: the name that the answer gives as the model's.
    func answer(to request: UpstreamRequest, model: String) -> MockAnswer {
        switch self {
        case .json(let json): return MockAnswer(json: json)
        case .text(let text):
            if let error = Self.error(text) { return error }
            return answer(to: request, text: text, embedding: Self.defaultEmbedding, model: model)
        case .embedding(let numbers):
            return answer(to: request, text: Self.defaultText, embedding: numbers, model: model)
        }
    }

    private func answer(to request: UpstreamRequest, text: String, embedding: [Double], model: String) -> MockAnswer {
        let writer = MockWriter(
            isChat: request.kind == .chatCompletions,
            model: model,
            created: Int64(time(nil)),
            number: UInt64.random(in: .min ... .max)
        )
        if request.kind == .embeddings {
            return MockAnswer(json: writer.embeddings(embedding, count: max(0, request.inputCount)))
        }
        return request.isStream
            ? MockAnswer(events: writer.events(text, includesUsage: request.includesUsage))
            : MockAnswer(json: writer.completion(text))
    }

    /// LiteLLM's names for answers that are errors.
    private static func error(_ text: String) -> MockAnswer? {
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
        let error = "\"message\":\"\(message)\",\"type\":\"\(type)\",\"param\":null,\"code\":\"\(status)\""
        return MockAnswer(status: status, json: "{\"error\":{\(error)}}")
    }
}

/// Writes mock answers in OpenAI's forms.
private struct MockWriter {
    let isChat: Bool
    let model: String
    let created: Int64
    let number: UInt64

    /// The counts that LiteLLM's mocks report.
    private static let usage = #"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}"#

    private func envelope(object: String, _ rest: String) -> String {
        let prefix = isChat ? "chatcmpl" : "cmpl"
        return "{\"id\":\"\(prefix)-\(String(number, radix: 16))\",\"object\":\"\(object)\",\"created\":\(created),"
            + "\"model\":\(model.jsonLiteral),\(rest)}"
    }

    func completion(_ text: String) -> String {
        let content = text.jsonLiteral
        let choice =
            isChat
            ? "\"message\":{\"role\":\"assistant\",\"content\":\(content)},\"finish_reason\":\"stop\""
            : "\"text\":\(content),\"logprobs\":null,\"finish_reason\":\"stop\""
        return envelope(
            object: isChat ? "chat.completion" : "text_completion",
            "\"choices\":[{\"index\":0,\(choice)}],\"usage\":\(Self.usage)"
        )
    }

    func events(_ text: String, includesUsage: Bool) -> [String] {
        let object = isChat ? "chat.completion.chunk" : "text_completion"
        // With usage asked for, every chunk has the member, and only an additional last one a value.
        let none = includesUsage ? ",\"usage\":null" : ""
        func chunk(_ choice: String, finish: String = "null") -> String {
            let choice = "{\"index\":0,\(choice),\"finish_reason\":\(finish)}"
            return envelope(object: object, "\"choices\":[\(choice)]\(none)")
        }
        var events: [String] = []
        if isChat { events.append(chunk("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}")) }
        for piece in words(text) {
            let content = piece.jsonLiteral
            events.append(chunk(isChat ? "\"delta\":{\"content\":\(content)}" : "\"text\":\(content)"))
        }
        events.append(chunk(isChat ? "\"delta\":{}" : "\"text\":\"\"", finish: "\"stop\""))
        if includesUsage { events.append(envelope(object: object, "\"choices\":[],\"usage\":\(Self.usage)")) }
        return events
    }

    func embeddings(_ numbers: [Double], count: Int) -> String {
        let vector = numbers.map(\.description).joined(separator: ",")
        let data = (0..<count).map { "{\"object\":\"embedding\",\"index\":\($0),\"embedding\":[\(vector)]}" }
        let (tokens, overflows) = count.multipliedReportingOverflow(by: 10)
        let usage = overflows ? count : tokens
        return "{\"object\":\"list\",\"data\":[\(data.joined(separator: ","))],\"model\":\(model.jsonLiteral),"
            + "\"usage\":{\"prompt_tokens\":\(usage),\"total_tokens\":\(usage)}}"
    }

    /// The text in pieces that end after a space.
    private func words(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            if character == " " {
                pieces.append(piece)
                piece = ""
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
