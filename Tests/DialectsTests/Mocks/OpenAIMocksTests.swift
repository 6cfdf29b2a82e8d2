import CallTypes
import Testing

@testable import Dialects

@Suite("A mock in OpenAI's forms")
struct OpenAIMocksTests {
    private func request(inputCount: Int = 1, includesUsage: Bool = false) -> MockForm.Request {
        MockForm.Request(model: "m\n", created: 7, number: 255, inputCount: inputCount, includesUsage: includesUsage)
    }

    private func whole(_ call: OpenAIMocks.Call, _ content: MockForm.Content, inputCount: Int = 1) -> String {
        OpenAIMocks.form(call).whole(content, request(inputCount: inputCount))
    }

    private func events(_ call: OpenAIMocks.Call, includesUsage: Bool = false) -> [String]? {
        OpenAIMocks.form(call).events?(.text("a \""), request(includesUsage: includesUsage))
            .map { event in
                #expect(event.hasPrefix("data: ") && event.hasSuffix("\n\n"))
                return String(event.dropFirst(6).dropLast(2))
            }
    }

    private static let usage = #""usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}"#

    @Test("answers a chat in OpenAI's members and their order")
    func chat() {
        let choice = #"{"index":0,"message":{"role":"assistant","content":"a \""},"finish_reason":"stop"}"#
        #expect(
            whole(.chat, .text("a \""))
                == #"{"id":"chatcmpl-ff","object":"chat.completion","created":7,"model":"m\n","#
                + #""choices":[\#(choice)],\#(Self.usage)}"#
        )
    }

    @Test("answers a completion in OpenAI's members and their order")
    func completion() {
        let choice = #"{"index":0,"text":"a \"","logprobs":null,"finish_reason":"stop"}"#
        #expect(
            whole(.text, .text("a \""))
                == #"{"id":"cmpl-ff","object":"text_completion","created":7,"model":"m\n","#
                + #""choices":[\#(choice)],\#(Self.usage)}"#
        )
    }

    @Test("streams a chat in OpenAI's members and their order")
    func chatStream() {
        let head = #"{"id":"chatcmpl-ff","object":"chat.completion.chunk","created":7,"model":"m\n","#
        let choices = [
            #"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#,
            #"{"index":0,"delta":{"content":"a "},"finish_reason":null}"#,
            #"{"index":0,"delta":{"content":"\""},"finish_reason":null}"#,
            #"{"index":0,"delta":{},"finish_reason":"stop"}"#,
        ]
        let plain = choices.map { #"\#(head)"choices":[\#($0)]}"# }
        #expect(events(.chat) == plain + ["[DONE]"])
        let withUsage = choices.map { #"\#(head)"choices":[\#($0)],"usage":null}"# }
        #expect(
            events(.chat, includesUsage: true)
                == withUsage + [#"\#(head)"choices":[],\#(Self.usage)}"#, "[DONE]"]
        )
    }

    @Test("streams a completion in OpenAI's members and their order")
    func completionStream() {
        let head = #"{"id":"cmpl-ff","object":"text_completion","created":7,"model":"m\n","#
        let choices = [
            #"{"index":0,"text":"a ","finish_reason":null}"#, #"{"index":0,"text":"\"","finish_reason":null}"#,
            #"{"index":0,"text":"","finish_reason":"stop"}"#,
        ]
        let plain = choices.map { #"\#(head)"choices":[\#($0)]}"# }
        #expect(events(.text) == plain + ["[DONE]"])
    }

    @Test("embeds each input in OpenAI's members and their order")
    func embeddings() {
        let data = (0..<2).map { #"{"object":"embedding","index":\#($0),"embedding":[0.5,-1.0]}"# }
        #expect(
            whole(.embeddings, .embedding([0.5, -1]), inputCount: 2)
                == #"{"object":"list","data":[\#(data.joined(separator: ","))],"model":"m\n","#
                + #""usage":{"prompt_tokens":20,"total_tokens":20}}"#
        )
        #expect(events(.embeddings) == nil)
    }

    @Test("fails with all four members of an error")
    func failure() {
        let body = OpenAIMocks.form(.chat).failure(429, "throttling_error", "no \"quota\"")
        #expect(
            body
                == #"{"error":{"message":"no \"quota\"","type":"throttling_error","param":null,"code":"429"}}"#
        )
    }
}
