import Glibc
import JSON
import NIOCore
import Testing

@testable import Dialects

/// A model's answers may be made to be slow to process. Everything here takes time, and results in bytes, in proportion
/// to their length.
@Suite("An answer made to be slow")
struct HostileAnswerTests {
    private static let few = 3_000

    /// The processor time of the thread in seconds, to which other load of the machine does not add.
    private static var computed: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Expects that four times as much takes about four times as long. Quadratic work takes sixteen times as long.
    private func expectLinear(sourceLocation: SourceLocation = #_sourceLocation, _ work: (Int) throws -> Void) rethrows
    {
        var least = Double.infinity
        for _ in 0..<4 where least > 8 {
            let start = Self.computed
            try work(Self.few)
            let middle = Self.computed
            try work(4 * Self.few)
            least = min(least, (Self.computed - middle) / max(middle - start, 1e-6))
        }
        #expect(least < 8, "four times as much takes \(least) times as long", sourceLocation: sourceLocation)
    }

    private func assembled(_ chunks: [String]) throws -> JSONTree {
        let document = JSONDocument()
        var assembler = AnswerAssembler()
        for chunk in chunks {
            assembler.add(try #require(JSONTree(parsing: ByteBuffer(string: chunk), with: document)))
        }
        let result = try #require(assembler.result)
        return try #require(JSONTree(parsing: result, with: document))
    }

    @Test("is assembled: many choices")
    func choices() throws {
        try expectLinear { many in
            let first = (0..<many).map { #"{"choices":[{"index":\#(many - $0),"delta":{"content":"a"}}]}"# }
            let second = (0..<many).map { #"{"choices":[{"index":\#($0 + 1),"delta":{"content":"b"}}]}"# }
            let choices = try assembled(first + second)["choices"]?.elements ?? []
            #expect(choices.count == many)
            #expect(choices.first?["index"] == .number(1) && choices.first?["message"]?["content"] == .text("ab"))
        }
    }

    @Test("is assembled: many tool calls, and many pieces of each")
    func toolCalls() throws {
        func chunk(_ index: Int, _ arguments: String) -> String {
            let call = #"{"index":\#(index),"function":{"arguments":"\#(arguments)"}}"#
            return #"{"choices":[{"index":0,"delta":{"tool_calls":[\#(call)]}}]}"#
        }
        try expectLinear { many in
            let first = (0..<many).map { chunk(many - $0, "a") }
            let second = (0..<many).map { chunk($0 + 1, "b") }
            let answer = try assembled(first + second)
            let calls = answer["choices"]?.elements.first?["message"]?["tool_calls"]?.elements ?? []
            #expect(calls.count == many)
            #expect(calls.last?["function"]?["arguments"] == .text("ab"))
        }
    }

    @Test("is assembled: many members, of the answer, of a choice and of a message")
    func members() throws {
        try expectLinear { many in
            let chunks = (0..<many).map {
                #"{"m\#($0)":1,"choices":[{"index":0,"c\#($0)":1,"delta":{"d\#($0)":"a"}}]}"#
            }
            let answer = try assembled(chunks + [#"{"m7":2,"choices":[{"index":0,"c7":2,"delta":{"d7":"b"}}]}"#])
            #expect(answer.members.count == many + 1 && answer["m7"] == .number(2))
            let choice = try #require(answer["choices"]?.elements.first)
            #expect(choice.members.count == many + 2 && choice["c7"] == .number(2))
            #expect(choice["message"]?["d7"] == .text("ab"))
        }
    }

    @Test("is assembled: one text of many pieces")
    func pieces() throws {
        try expectLinear { many in
            let chunk = #"{"choices":[{"index":0,"delta":{"content":"abcdefgh","role":"assistant"}}]}"#
            let choice = try assembled([String](repeating: chunk, count: many))["choices"]?.elements.first
            #expect(choice?["message"]?["content"]?.text?.count == 8 * many)
            #expect(choice?["message"]?["role"] == .text("assistant"))
        }
    }

    private func stream(_ answer: String) -> ByteBuffer? {
        ByteBuffer(string: answer).events(includesUsage: true, with: JSONDocument())
    }

    private static func list(_ count: Int, _ element: (Int) -> String) -> String {
        (0..<count).map(element).joined(separator: ",")
    }

    /// Answers with a given number of some element.
    static let answers: [String: @Sendable (Int) -> String] = [
        "choices": { many in
            let choices = list(many) { #"{"index":\#($0),"message":{"role":"assistant","content":"some words"}}"# }
            return #"{"choices":[\#(choices)]}"#
        },
        "tool calls": { many in
            let calls = list(many) {
                #"{"id":"call_\#($0)","type":"function","function":{"name":"f","arguments":"{}"}}"#
            }
            return #"{"choices":[{"index":0,"message":{"tool_calls":[\#(calls)]}}]}"#
        },
        "members of the answer": { many in
            let words = list(many) { "word \($0) and" }
            let members = list(many) { #""m\#($0)":1"# }
            return #"{\#(members),"choices":[{"index":0,"message":{"content":"\#(words)"}}]}"#
        },
        "members of a choice": { many in
            let words = list(many) { "word \($0) and" }
            let members = list(many) { #""c\#($0)":1"# }
            return #"{"choices":[{"index":0,\#(members),"message":{"content":"\#(words)"}}]}"#
        },
        "members of a message": { many in
            let words = list(many) { "word \($0) and" }
            let members = list(many) { #""d\#($0)":1"# }
            return #"{"choices":[{"index":0,"message":{\#(members),"content":"\#(words)"}}]}"#
        },
        "log probabilities": { many in
            let words = (0..<many).map { "t\($0)" }.joined()
            let others = list(many) { #""x\#($0)":[1]"# }
            let tokens = list(many) { #"{"token":"t\#($0)","logprob":-1.5,"bytes":[1]}"# }
            let logprobs = #"{\#(others),"content":[\#(tokens)]}"#
            return #"{"choices":[{"index":0,"message":{"content":"\#(words)"},"logprobs":\#(logprobs)}]}"#
        },
    ]

    @Test("is made into a stream", arguments: answers)
    func events(what: String, answer: @Sendable (Int) -> String) throws {
        try expectLinear { many in
            let answer = answer(many)
            let events = try #require(stream(answer), "\(what)")
            #expect(events.readableBytes <= 33 * answer.utf8.count + (64 << 10))
        }
        var recording = StreamRecording()
        recording.add(.chunk, try #require(stream(answer(100))), gap: 0)
        let again = try #require(recording.answer(with: JSONDocument()))
        let before = try #require(JSONTree(parsing: ByteBuffer(string: answer(100)), with: JSONDocument()))
        let after = try #require(JSONTree(parsing: again, with: JSONDocument()))
        #expect(after["choices"]?.elements.count == before["choices"]?.elements.count)
        #expect(
            after["choices"]?.elements.first?["logprobs"]?.members.count
                == before["choices"]?.elements.first?["logprobs"]?.members.count
        )
    }

    @Test("is not made into a stream that is a thousand times as long")
    func amplification() {
        let id = String(repeating: "i", count: 1 << 18)
        let words = String(repeating: "a word or two ", count: 1 << 14)
        #expect(stream(#"{"id":"\#(id)","choices":[{"index":0,"message":{"content":"\#(words)"}}]}"#) == nil)
        let choices = (0..<5_000).map { #"{"index":\#($0),"message":{}}"# }.joined(separator: ",")
        #expect(stream(#"{"id":"\#(id)","choices":[\#(choices)]}"#) == nil)
        #expect(stream(#"{"id":"\#(id)","choices":[{"index":0,"message":{"content":"a word"}}]}"#) != nil)
    }
}
