import Foundation
import Glibc
import JSON
import NIOCore
import Testing

@testable import Dialects

/// A model's messages may be made to be slow to process. Everything here takes time, and results in bytes, in
/// proportion to their length.
@Suite("A message made to be slow")
struct HostileMessageTests {
    private typealias Streams = MessageStreams

    /// The processor time of the thread in seconds, to which other load of the machine does not add.
    private static var computed: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Expects that four times as much takes about four times as long. Quadratic work takes sixteen times as long.
    private func expectLinear(_ work: (Int) throws -> Void) rethrows {
        var least = Double.infinity
        for _ in 0..<4 where least > 8 {
            let start = Self.computed
            try work(500)
            let middle = Self.computed
            try work(2_000)
            least = min(least, (Self.computed - middle) / max(middle - start, 1e-6))
        }
        #expect(least < 8, "four times as much takes \(least) times as long")
    }

    @Test("is read and assembled: many blocks")
    func blocks() throws {
        try expectLinear { many in
            let stream =
                Streams.start + (0..<many).map { Streams.text($0, "a", "b") }.joined() + Streams.end() + Streams.stop
            let read = Streams.read(stream)
            #expect(read.progress.isWhole && !read.progress.isAmbiguous)
            let answer = try #require(Anthropic.stream.answer(read.recording, JSONDocument()))
            let content = JSONTree(parsing: answer, with: JSONDocument())?["content"]?.elements ?? []
            #expect(content.count == many && content.last?["text"] == .text("ab"))
        }
    }

    @Test("is assembled: many deltas of one block, of every kind")
    func deltas() throws {
        expectLinear { many in
            for (start, delta) in [
                (#"{"type":"text","text":""}"#, #"{"type":"text_delta","text":"abcd"}"#),
                (#"{"type":"text","text":"","citations":[]}"#, #"{"type":"citations_delta","citation":{"a":1}}"#),
                (#"{"type":"thinking","thinking":""}"#, #"{"type":"signature_delta","signature":"abcd"}"#),
                (#"{"type":"tool_use","input":{}}"#, #"{"type":"input_json_delta","partial_json":" "}"#),
            ] {
                let end = start.contains("tool_use") ? [#"{"type":"input_json_delta","partial_json":"{}"}"#] : []
                let block = Streams.block(0, start, Array(repeating: delta, count: many) + end)
                #expect(Streams.answer(Streams.message(block)) != nil)
            }
        }
    }

    @Test("is assembled: many members in many message_deltas")
    func members() {
        expectLinear { many in
            let deltas = (0..<many).map {
                Streams.event(
                    #"{"type":"message_delta","delta":{"stop_reason":"end_turn","d\#($0)":1},"usage":{"u\#($0)":1},"m\#($0)":1}"#
                )
            }
            let answer = Streams.answer(Streams.start + Streams.text(0, "a") + deltas.joined() + Streams.stop)
            #expect(answer?.contains(#""u\#(many - 1)":1"#) == true)
        }
    }

    @Test("is converted to a stream: long texts, and many blocks")
    func events() {
        expectLinear { many in
            let text = String(repeating: "word \\u00e9 ", count: many)
            let input = String(repeating: #""\\","#, count: many)
            let blocks = String(repeating: #"{"type":"text","text":"a"},"#, count: many)
            let content =
                #"[{"type":"text","text":"\#(text)"},\#(blocks){"type":"tool_use","input":{"a":[\#(input)1]}}]"#
            let answer = #"{"type":"message","content":\#(content),"usage":{}}"#
            #expect(Streams.events(answer).map { $0.utf8.count < 32 * answer.utf8.count } == true)
        }
    }

    @Test("is refused if its stream would be far longer than it is")
    func growth() {
        let tiny = String(repeating: #"{"":0},"#, count: 3_000) + #"{"":0}"#
        let citations = String(repeating: "0,", count: 15_000) + "0"
        for content in [tiny, #"{"type":"text","text":"","citations":[\#(citations)]}"#] {
            let answer = #"{"type":"message","content":[\#(content)],"usage":{}}"#
            let length = Streams.events(answer)?.utf8.count ?? 0
            #expect(length <= 32 * answer.utf8.count + 65_536)
        }
    }

    @Test("never ends the process, whatever is cut off or repeated of it")
    func broken() {
        let stream = Streams.message(
            Streams.text(0, "aé"),
            Streams.block(
                1,
                #"{"type":"tool_use","id":"t","name":"f","input":{}}"#,
                [#"{"type":"input_json_delta","partial_json":"{\"a\":1}"}"#]
            )
        )
        let bytes = Array(stream.utf8)
        let events = stream.components(separatedBy: "\n\n")
        for length in stride(from: 0, through: bytes.count, by: 11) {
            _ = Streams.answer(String(decoding: bytes[..<length], as: UTF8.self))
        }
        for one in events.indices {
            for other in events.indices {
                var changed = events
                changed.swapAt(one, other)
                let text = changed.joined(separator: "\n\n")
                let progress = Streams.read(text).progress
                // What is stored can always be converted.
                if progress.isWhole, !progress.isAmbiguous, !progress.isUnfit { #expect(Streams.answer(text) != nil) }
            }
        }
    }
}
