import CallTypes
import JSON
import NIOCore

/// Writes the answers of mocks to requests for responses.
enum ResponseMocks {
    static let form = MockForm(
        whole: { response($0, $1) },
        events: { content, request in
            let body = ByteBuffer(string: response(content, request))
            return ResponseEventMaker.events(of: body, with: JSONDocument()).map { [String(buffer: $0)] } ?? []
        },
        failure: OpenAIMocks.failure
    )

    @Sendable private static func response(_ content: MockForm.Content, _ request: MockForm.Request) -> String {
        let number = String(request.number, radix: 16)
        return JSONWriter.object { json in
            json.member("id", "resp_\(number)")
            json.member("object", "response")
            json.member("created_at") { $0.integer(Int(request.created)) }
            json.member("status", "completed")
            json.member("error") { $0.null() }
            json.member("incomplete_details") { $0.null() }
            json.member("model", request.model)
            json.member("output") { json in
                json.array { json in
                    json.object { json in
                        json.member("id", "msg_\(number)")
                        json.member("type", "message")
                        json.member("status", "completed")
                        json.member("role", "assistant")
                        json.member("content") { json in json.array { part(content.text, &$0) } }
                    }
                }
            }
            json.member("parallel_tool_calls") { $0.bool(true) }
            json.member("tool_choice", "auto")
            json.member("tools") { $0.array { _ in } }
            json.member("usage") { json in
                json.object { json in
                    json.member("input_tokens") { $0.integer(10) }
                    json.member("input_tokens_details") { $0.object { $0.member("cached_tokens") { $0.integer(0) } } }
                    json.member("output_tokens") { $0.integer(20) }
                    json.member("output_tokens_details") {
                        $0.object { $0.member("reasoning_tokens") { $0.integer(0) } }
                    }
                    json.member("total_tokens") { $0.integer(30) }
                }
            }
        }
    }

    private static func part(_ text: String, _ json: inout JSONWriter) {
        json.object { json in
            json.member("type", "output_text")
            json.member("annotations") { $0.array { _ in } }
            json.member("logprobs") { $0.array { _ in } }
            json.member("text", text)
        }
    }
}
