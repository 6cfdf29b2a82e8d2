import CallTypes
import JSON
import NIOCore
import Testing

@testable import Dialects
@testable import ResponseCache

@Suite("An answer of Anthropic's API")
struct MessageAnswerTests {
    private func verdict(_ check: AnswerCheck, _ body: String) -> NotStored? {
        check.refusal(ByteBuffer(string: body), JSONDocument())
    }

    private func message(_ reason: String, content: String = #"[{"type":"text","text":"a"}]"#) -> String {
        #"{"type":"message","content":\#(content),"stop_reason":\#(reason)}"#
    }

    @Test("is stored if it is a message with content that ended as it should")
    func stored() {
        for reason in ["end_turn", "stop_sequence", "tool_use", "max_tokens"] {
            #expect(verdict(.message, message("\"\(reason)\"")) == nil)
        }
        for reason in [#""pause_turn""#, #""refusal""#, #""model_context_window_exceeded""#, "null", "1"] {
            #expect(verdict(.message, message(reason)) == .failed)
        }
        #expect(verdict(.message, message(#""end_turn""#, content: "[]")) == .empty)
        #expect(verdict(.message, message(#""end_turn""#, content: "null")) == .empty)
        #expect(verdict(.message, #"{"type":"error","error":{"type":"api_error","message":"m"}}"#) == .failed)
        #expect(verdict(.message, #"{"content":[{}],"stop_reason":"end_turn"}"#) == .failed)
        #expect(verdict(.message, message(#""end_turn","stop_reason":"refusal""#)) == .unusable)
        for body in ["", "[]", "{", "1"] { #expect(verdict(.message, body) == .unusable) }
    }

    @Test(
        "reports an error of each status with Anthropic's type",
        arguments: [
            (400, "invalid_request_error"), (401, "authentication_error"), (402, "billing_error"),
            (403, "permission_error"), (404, "not_found_error"), (405, "invalid_request_error"),
            (408, "timeout_error"), (413, "request_too_large"), (415, "invalid_request_error"),
            (429, "rate_limit_error"), (431, "invalid_request_error"), (500, "api_error"), (502, "api_error"),
            (503, "overloaded_error"), (504, "timeout_error"), (529, "overloaded_error"),
        ]
    )
    func errors(status: Int, type: String) {
        let report = ErrorReport(status: status, message: "a \"b\"", type: "x", parameter: "p", code: "c")
        let body = #"{"type":"error","error":{"type":"\#(type)","message":"a \"b\""}}"#
        #expect(Anthropic.errors.body(report) == body)
        #expect(Anthropic.errors.event(report) == "event: error\ndata: \(body)\n\n")
    }

    private func reported(_ data: String) throws -> (Int, String)? {
        let document = try document(data)
        guard case .answer(let status, let body)? = Anthropic.errors.read(ByteBuffer(string: data), document) else {
            return nil
        }
        return (status, String(buffer: body))
    }

    @Test("that failed in its stream is the same error with the status that it has outside a stream")
    func streamErrors() throws {
        for (type, status) in [
            ("overloaded_error", 529), ("rate_limit_error", 429), ("invalid_request_error", 400), ("api_error", 500),
            ("timeout_error", 504), ("news", 500),
        ] {
            let data = #"{"type":"error","error":{"type":"\#(type)","message":"m"},"request_id":"r"}"#
            let read = try #require(try reported(data))
            #expect(read == (status, data))
        }
        for data in ["{}", #"{"error":"m"}"#, #"{"type":"error","error":{"type":"api_error"}}"#] {
            #expect(try reported(data) == nil)
        }
    }

    @Test("of a mock is a message in both forms, a number of tokens, or an error")
    func mocks() {
        let request = MockForm.Request(model: "m", created: 7, number: 255, inputCount: 1, includesUsage: false)
        let whole = AnthropicMocks.messages.whole(.text("a \""), request)
        #expect(
            whole
                == #"{"id":"msg_ff","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a \""}],"#
                + #""stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":20}}"#
        )
        let events = AnthropicMocks.messages.events?(.text("a \""), request) ?? []
        #expect(events.count == 6 && events.last == MessageStreams.stop)
        #expect(MessageStreams.answer(events.joined()) == whole)
        #expect(AnthropicMocks.tokenCounts.whole(.text("x"), request) == #"{"input_tokens":10}"#)
        #expect(
            AnthropicMocks.messages.failure(429, "throttling_error", "m")
                == #"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#
        )
    }
}
