import NIOCore
import ResponseCache
import SeededRandom
import Testing

@testable import Dialects

@Suite("The tokens that an answer says it has cost")
struct AnswerTailTests {
    private func usage(_ pieces: [String]) -> TokenUsage? {
        var tail = AnswerTail()
        for piece in pieces { tail.take(ByteBuffer(string: piece)) }
        return tail.usage
    }

    @Test(
        "are read from the answer of every family",
        arguments: [
            (
                #"{"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0}},"system_fingerprint":"fp"}"#,
                TokenUsage(input: 12, output: 34, cachedInput: 8)
            ),
            (
                #"{"object":"response","usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 9}, "total_tokens": 123}, "user": null, "metadata": {}}"#,
                TokenUsage(input: 36, output: 87, cachedInput: 4)
            ),
            (
                #"{"type":"message","usage":{"input_tokens":5,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"output_tokens":7}}"#,
                TokenUsage(input: 2105, output: 7, cachedInput: 2000)
            ),
            (
                #"{"object":"list","data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
                TokenUsage(input: 8, output: 0)
            ),
        ]
    )
    func families(_ answer: String, _ expected: TokenUsage) {
        #expect(usage([answer]) == expected)
        #expect(usage(answer.map { String($0) }.reduce(into: [""]) { $0[0] += $1 }) == expected)
        for place in [1, answer.utf8.count / 2, answer.utf8.count - 30, answer.utf8.count - 1] {
            let bytes = Array(answer.utf8)
            let pieces = [bytes[..<place], bytes[place...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(usage(pieces) == expected, "split at \(place)")
        }
    }

    @Test("are read from the last events of a stream, and the request's from the first one where the last lacks them")
    func streams() {
        let chat = [
            #"data: {"choices":[{"delta":{"content":"a"}}],"usage":null}"# + "\n\n",
            #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"# + "\n\n",
            "data: [DONE]\n\n",
        ]
        #expect(usage(chat) == TokenUsage(input: 3, output: 1))
        #expect(usage([chat.joined()]) == TokenUsage(input: 3, output: 1))
        let message = [
            #"data: {"type":"message_start","message":{"usage":{"input_tokens":25,"cache_read_input_tokens":10,"output_tokens":1}}}"#
                + "\n\n",
            #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}"# + "\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ]
        #expect(usage(message) == TokenUsage(input: 35, output: 15, cachedInput: 10))
    }

    @Test("are not taken from the text of an answer, nor from what is no number of tokens")
    func quoted() {
        let quoted = #"{"text":"{\"usage\":{\"prompt_tokens\":9}}","usage":{"prompt_tokens":1}}"#
        #expect(usage([quoted]) == TokenUsage(input: 1, output: 0))
        #expect(usage([#"{"text":"\"usage\":{\"prompt_tokens\":9}"}"#]) == nil)
        #expect(usage([#"{"no \"usage":{"prompt_tokens":9}}"#]) == nil, "a name that ends like it")
        for wrong in ["1.5", "-4", "1e3", "\"7\"", "null", "99999999999999999999", "[3]", ""] {
            #expect(usage([#"{"usage":{"prompt_tokens":\#(wrong)}}"#]) == nil, "\(wrong)")
        }
        for wrong in [#""usage""#, #"{"usage":"#, #"{"usage":{"#, #"{"usage":{"prompt_tokens""#, "", "u", "\"usag"] {
            #expect(usage([wrong]) == nil, "\(wrong)")
        }
    }

    @Test("are not searched for longer than the window, whatever the bytes are")
    func hostile() {
        let usage = #""usage":{"prompt_tokens":1}"#
        #expect(self.usage([usage + String(repeating: " ", count: 5_000)]) == nil)
        let nested = String(repeating: #""usage":{"a":{"#, count: 100_000)
        #expect(self.usage([nested]) == nil)
        var random = SeededGenerator(seed: 19)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                Array(#""usage:{}[]1234\ ,eptoknsr_"#.utf8).randomElement(using: &random) ?? 0
            }
            _ = self.usage([String(decoding: bytes, as: UTF8.self), usage])
        }
    }
}
