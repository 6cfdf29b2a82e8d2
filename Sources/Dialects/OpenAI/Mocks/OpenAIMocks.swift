import CallTypes
import JSON

/// Writes the answers of mocks in OpenAI's format, with the token counts and the default contents of LiteLLM's mocks.
struct OpenAIMocks {
    /// The calls that mocks can answer.
    enum Call {
        case chat, text, embeddings
    }

    private let isChat: Bool

    /// Returns the form of a mock's answers to a call.
    static func form(_ call: Call) -> MockForm {
        let mocks = OpenAIMocks(isChat: call == .chat)
        return call == .embeddings
            ? MockForm(whole: embeddings, events: nil, failure: failure)
            : MockForm(whole: mocks.completion, events: mocks.events, failure: failure)
    }

    @Sendable static func failure(status: Int, type: String, message: String) -> String {
        let error = ErrorReport(status: status, message: message, type: type, parameter: nil, code: String(status))
        return OpenAI.errors.body(error)
    }

    // MARK: Completions

    @Sendable private func completion(_ content: MockForm.Content, _ request: MockForm.Request) -> String {
        answer(request, object: isChat ? "chat.completion" : "text_completion") { json in
            choices(&json) { json in
                if isChat {
                    json.member("message") { json in
                        json.object { json in
                            json.member("role", "assistant")
                            json.member("content", content.text)
                        }
                    }
                } else {
                    json.member("text", content.text)
                    json.member("logprobs") { $0.null() }
                }
                json.member("finish_reason", "stop")
            }
            Self.usage(&json)
        }
    }

    @Sendable private func events(_ content: MockForm.Content, _ request: MockForm.Request) -> [String] {
        var events: [String] = []
        if isChat {
            events.append(
                chunk(request, finish: nil) { json in
                    json.member("role", "assistant")
                    json.member("content", "")
                }
            )
        }
        for piece in Self.pieces(of: content.text) {
            events.append(chunk(request, text: piece, finish: nil) { $0.member("content", piece) })
        }
        events.append(chunk(request, finish: "stop") { _ in })
        if request.includesUsage {
            events.append(
                answer(request, object: chunkObject) { json in
                    json.member("choices") { $0.array { _ in } }
                    Self.usage(&json)
                }
            )
        }
        return (events + ["[DONE]"]).map { "data: \($0)\n\n" }
    }

    private var chunkObject: String { isChat ? "chat.completion.chunk" : "text_completion" }

    /// - Parameters:
    ///   - text: the text of a text completion's chunk.
    ///   - delta: writes the members of a chat completion's delta.
    private func chunk(
        _ request: MockForm.Request,
        text: String = "",
        finish: String?,
        delta: (inout JSONWriter) -> Void
    ) -> String {
        answer(request, object: chunkObject) { json in
            choices(&json) { json in
                if isChat { json.member("delta") { $0.object(delta) } } else { json.member("text", text) }
                json.member("finish_reason", finish)
            }
            // Where the usage was requested, every chunk has the member, but only an additional last chunk has a value
            // for it.
            if request.includesUsage { json.member("usage") { $0.null() } }
        }
    }

    private func answer(_ request: MockForm.Request, object: String, _ body: (inout JSONWriter) -> Void) -> String {
        JSONWriter.object { json in
            json.member("id", "\(isChat ? "chatcmpl" : "cmpl")-\(String(request.number, radix: 16))")
            json.member("object", object)
            json.member("created") { $0.integer(Int(request.created)) }
            json.member("model", request.model)
            body(&json)
        }
    }

    /// Writes a list with one choice.
    private func choices(_ json: inout JSONWriter, _ body: (inout JSONWriter) -> Void) {
        json.member("choices") { json in
            json.array { json in
                json.object { json in
                    json.member("index") { $0.integer(0) }
                    body(&json)
                }
            }
        }
    }

    private static func usage(_ json: inout JSONWriter) {
        json.member("usage") { json in
            json.object { json in
                json.member("prompt_tokens") { $0.integer(10) }
                json.member("completion_tokens") { $0.integer(20) }
                json.member("total_tokens") { $0.integer(30) }
            }
        }
    }

    /// Splits a text into pieces that end after a space.
    private static func pieces(of text: String) -> [String] {
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

    // MARK: Embeddings

    @Sendable private static func embeddings(_ content: MockForm.Content, _ request: MockForm.Request) -> String {
        let (tokens, overflows) = request.inputCount.multipliedReportingOverflow(by: 10)
        let usage = overflows ? request.inputCount : tokens
        return JSONWriter.object { json in
            json.member("object", "list")
            json.member("data") { json in
                json.array { json in
                    for index in 0..<max(0, request.inputCount) {
                        json.object { json in
                            json.member("object", "embedding")
                            json.member("index") { $0.integer(index) }
                            json.member("embedding") { json in
                                json.array { json in
                                    for number in content.vector { json.number(number) }
                                }
                            }
                        }
                    }
                }
            }
            json.member("model", request.model)
            json.member("usage") { json in
                json.object { json in
                    json.member("prompt_tokens") { $0.integer(usage) }
                    json.member("total_tokens") { $0.integer(usage) }
                }
            }
        }
    }
}

extension MockForm.Content {
    /// The text, or LiteLLM's where the mock has a vector.
    var text: String {
        switch self {
        case .text(let text): text
        case .embedding: "This is a mock request"
        }
    }

    /// The vector, or one of the gateway's own where the mock has a text.
    fileprivate var vector: [Double] {
        switch self {
        case .text: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
        case .embedding(let numbers): numbers
        }
    }
}
