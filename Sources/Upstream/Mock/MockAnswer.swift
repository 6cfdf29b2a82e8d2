import Glibc
import JSON
import NIOCore

/// A whole answer that is made without a server.
struct MockAnswer {
    var head: UpstreamHead
    /// The body, in the pieces in which it would arrive.
    var pieces: [ByteBuffer]

    /// One JSON text.
    init(status: Int = 200, json body: ByteBuffer) {
        self.head = UpstreamHead(
            status: status,
            fields: [("content-type", "application/json")],
            contentLength: body.readableBytes
        )
        self.pieces = [body]
    }

    /// Server-sent events, ended as OpenAI ends them.
    init(events: [ByteBuffer]) {
        self.head = UpstreamHead(
            status: 200,
            fields: [("content-type", "text/event-stream; charset=utf-8")],
            contentLength: nil
        )
        self.pieces = (events + [ByteBuffer(string: "[DONE]")]).map { data in
            var event = ByteBuffer(string: "data: ")
            event.writeImmutableBuffer(data)
            event.writeStaticString("\n\n")
            return event
        }
    }
}

extension MockResponse {
    /// The text of a mock that has none for the kind of call.
    private static let defaultText = "This is a mock request"
    private static let defaultEmbedding: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]

    /// - Parameter model: the name that the answer gives as the model's.
    func answer(to request: UpstreamRequest, model: String) -> MockAnswer {
        switch self {
        case .json(let json): return MockAnswer(json: ByteBuffer(string: json))
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
            created: time(nil),
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
        var writer = JSONWriter()
        writer.object { body in
            body.member("error") { error in
                error.object {
                    $0.member("message", message)
                    $0.member("type", type)
                    $0.member("param", nil)
                    $0.member("code", "\(status)")
                }
            }
        }
        return MockAnswer(status: status, json: writer.buffer)
    }
}

/// Writes mock answers in OpenAI's forms.
private struct MockWriter {
    let isChat: Bool
    let model: String
    let created: Int
    let number: UInt64

    func completion(_ text: String) -> ByteBuffer {
        envelope(object: isChat ? "chat.completion" : "text_completion") { answer in
            choice(in: &answer, finish: "stop") { choice in
                if isChat {
                    choice.member("message") { message in
                        message.object {
                            $0.member("role", "assistant")
                            $0.member("content", text)
                        }
                    }
                } else {
                    choice.member("text", text)
                    choice.member("logprobs", nil)
                }
            }
            usage(in: &answer)
        }
    }

    func events(_ text: String, includesUsage: Bool) -> [ByteBuffer] {
        let object = isChat ? "chat.completion.chunk" : "text_completion"
        func chunk(finish: String? = nil, _ content: (inout JSONWriter) -> Void) -> ByteBuffer {
            envelope(object: object) { answer in
                choice(in: &answer, finish: finish, content)
                // With usage asked for, every chunk has the member, and only an additional last one a value.
                if includesUsage { answer.member("usage", nil) }
            }
        }
        var events: [ByteBuffer] = []
        if isChat {
            events.append(
                chunk { choice in
                    choice.member("delta") { delta in
                        delta.object {
                            $0.member("role", "assistant")
                            $0.member("content", "")
                        }
                    }
                }
            )
        }
        for piece in words(text) {
            events.append(
                chunk { choice in
                    if isChat {
                        choice.member("delta") { delta in delta.object { $0.member("content", piece) } }
                    } else {
                        choice.member("text", piece)
                    }
                }
            )
        }
        events.append(
            chunk(finish: "stop") { choice in
                if isChat { choice.member("delta") { $0.object { _ in } } } else { choice.member("text", "") }
            }
        )
        if includesUsage {
            events.append(
                envelope(object: object) { answer in
                    answer.member("choices") { $0.array { _ in } }
                    usage(in: &answer)
                }
            )
        }
        return events
    }

    func embeddings(_ numbers: [Double], count: Int) -> ByteBuffer {
        let (tokens, overflows) = count.multipliedReportingOverflow(by: 10)
        let usage = overflows ? count : tokens
        var vector = JSONWriter()
        vector.array { for number in numbers { $0.number(number) } }
        var writer = JSONWriter()
        writer.object { answer in
            answer.member("object", "list")
            answer.member("data") { data in
                data.array { array in
                    for index in 0..<count {
                        array.object { element in
                            element.member("object", "embedding")
                            element.member("index") { $0.integer(index) }
                            element.member("embedding") { $0.value(vector.buffer) }
                        }
                    }
                }
            }
            answer.member("model", model)
            answer.member("usage") { json in
                json.object { members in
                    members.member("prompt_tokens") { $0.integer(usage) }
                    members.member("total_tokens") { $0.integer(usage) }
                }
            }
        }
        return writer.buffer
    }

    // MARK: Parts of an answer

    /// An answer, or a chunk of one, with the members that `rest` writes behind those that say what it is.
    private func envelope(object: String, _ rest: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { answer in
            answer.member("id", "\(isChat ? "chatcmpl" : "cmpl")-\(String(number, radix: 16))")
            answer.member("object", object)
            answer.member("created") { $0.integer(created) }
            answer.member("model", model)
            rest(&answer)
        }
        return writer.buffer
    }

    /// The one choice of an answer, with the members that `content` writes.
    private func choice(in answer: inout JSONWriter, finish: String?, _ content: (inout JSONWriter) -> Void) {
        answer.member("choices") { choices in
            choices.array { array in
                array.object { choice in
                    choice.member("index") { $0.integer(0) }
                    content(&choice)
                    choice.member("finish_reason", finish)
                }
            }
        }
    }

    /// The counts that LiteLLM's mocks report.
    private func usage(in answer: inout JSONWriter) {
        answer.member("usage") { json in
            json.object { members in
                members.member("prompt_tokens") { $0.integer(10) }
                members.member("completion_tokens") { $0.integer(20) }
                members.member("total_tokens") { $0.integer(30) }
            }
        }
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
