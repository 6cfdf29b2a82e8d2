import CallTypes
import JSON
import NIOCore

/// Writes the answers of mocks in Anthropic's format, with the token counts of LiteLLM's mocks.
enum AnthropicMocks {
    static let messages = MockForm(whole: message, events: events, failure: failure)

    static let tokenCounts = MockForm(
        whole: { _, _ in JSONWriter.object { json in json.member("input_tokens") { $0.integer(10) } } },
        events: nil,
        failure: failure
    )

    /// The types of LiteLLM's mocks are OpenAI's, so that the status says which of Anthropic's it is.
    @Sendable private static func failure(status: Int, type: String, message: String) -> String {
        Anthropic.errorBody(type: Anthropic.errorType(of: status), message: message)
    }

    @Sendable private static func message(_ content: MockForm.Content, _ request: MockForm.Request) -> String {
        JSONWriter.object { json in
            json.member("id", "msg_\(String(request.number, radix: 16))")
            json.member("type", "message")
            json.member("role", "assistant")
            json.member("model", request.model)
            json.member("content") { json in
                json.array { json in
                    json.object { json in
                        json.member("type", "text")
                        json.member("text", content.text)
                    }
                }
            }
            json.member("stop_reason", "end_turn")
            json.member("stop_sequence") { $0.null() }
            json.member("usage") { json in
                json.object { json in
                    json.member("input_tokens") { $0.integer(10) }
                    json.member("output_tokens") { $0.integer(20) }
                }
            }
        }
    }

    /// The stream is the whole answer, converted as one from the cache is.
    @Sendable private static func events(_ content: MockForm.Content, _ request: MockForm.Request) -> [String] {
        let whole = ByteBuffer(string: message(content, request))
        guard let stream = MessageEvents.events(of: whole, with: JSONDocument()) else { return [] }
        var parser = EventParser()
        parser.feed(stream)
        var events: [String] = []
        while let event = parser.next() { events.append(String(buffer: event.raw)) }
        return events
    }
}
