import JSON
import NIOCore
import Testing

@testable import Dialects

@Suite("An answer converted to a stream and assembled again")
struct RoundTripTests {
    private let document = JSONDocument()

    private func tree(_ text: String) throws -> JSONTree {
        try #require(JSONTree(parsing: ByteBuffer(string: text), with: document))
    }

    private func chunks(_ stream: ByteBuffer) throws -> [JSONTree] {
        var parser = EventParser()
        parser.feed(stream)
        var chunks: [JSONTree] = []
        while let event = parser.next() {
            let data = try #require(event.data)
            if String(buffer: data) == "[DONE]" { break }
            chunks.append(try #require(JSONTree(parsing: data, with: document)))
        }
        #expect(parser.pendingBytes == 0)
        return chunks
    }

    private func again(_ stream: ByteBuffer) throws -> JSONTree {
        var assembler = AnswerAssembler()
        for chunk in try chunks(stream) { assembler.add(chunk) }
        let result = try #require(assembler.result)
        return try #require(JSONTree(parsing: result, with: document))
    }

    /// Every field that OpenAI's reference lists, and some that it does not.
    static let answers = [
        "a plain one":
            #"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there, how may I help you today, and what else is on your mind?","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}"#,
        "several choices":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"one"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"two and a great many more words to be cut in pieces"},"finish_reason":"length"}],"usage":{"total_tokens":3}}"#,
        "tool calls":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\",\"unit\":\"celsius\",\"days\":[1,2,3,4,5,6,7]}"}},{"id":"call_2","type":"custom","custom":{"name":"sql","input":"select 1"}},{"id":"call_3","type":"function","function":{"name":"noop","arguments":""}}],"refusal":null},"logprobs":null,"finish_reason":"tool_calls"}]}"#,
        "a function call of old":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}},"finish_reason":"function_call"}]}"#,
        "a refusal":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I am sorry, but with that I cannot and will not help you."},"logprobs":null,"finish_reason":"stop"}]}"#,
        "log probabilities":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello, 世界!"},"logprobs":{"content":[{"token":"Hello","logprob":-0.31725305,"bytes":[72,101],"top_logprobs":[{"token":"Hi","logprob":-1.3190403,"bytes":[72,105]}]},{"token":",","logprob":-0.1,"bytes":null,"top_logprobs":[]},{"token":" 世","logprob":-0.2,"bytes":[1],"top_logprobs":[]},{"token":"界","logprob":-1e-5,"bytes":[1],"top_logprobs":[]},{"token":"!","logprob":0,"bytes":[1],"top_logprobs":[]},{"token":"","logprob":0,"bytes":[],"top_logprobs":[]}],"refusal":null},"finish_reason":"stop"}]}"#,
        "log probabilities of other tokens":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"abc"},"logprobs":{"content":[{"token":"x","logprob":1}],"refusal":[]},"finish_reason":"stop"}]}"#,
        "log probabilities of a refusal":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"no way"},"logprobs":{"content":null,"refusal":[{"token":"no","logprob":-1},{"token":" way","logprob":-2}]},"finish_reason":"stop"}]}"#,
        "audio, annotations and reasoning":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","citations":["a","b"],"choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"First I think about this, and then about that, until I know.","content":"Yes","annotations":[{"type":"url_citation","url_citation":{"end_index":3,"start_index":0,"url":"http://x","title":"t"}}],"audio":{"id":"audio_1","expires_at":9,"data":"AAAA","transcript":"yes"},"x":{"y":[1,{"z":null}]}},"finish_reason":"stop","content_filter_results":{"hate":{"filtered":false}}}]}"#,
        "nothing but an empty text":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[]},"finish_reason":"stop"}]}"#,
        "escapes, pairs of surrogates and letters of all kinds":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語🙂🙂🙂🙂🙂🙂🙂🙂"},"finish_reason":"stop"}]}"#,
        "choices that stand in another order":
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":[{"type":"text","text":"b"}],"reasoning_details":[{"index":1,"text":"x"},{"index":0,"text":"y"},{"index":0,"text":"z"}]},"finish_reason":"stop"}]}"#,
        "a completion of text":
            #"{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"text":"Once upon a time there was a cache that nobody had to invalidate.","index":0,"logprobs":{"tokens":["Once"],"token_logprobs":[-1.5],"top_logprobs":[{"Once":-1.5}],"text_offset":[0]},"finish_reason":"length"},{"text":"","index":1,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
    ]

    @Test("is the answer", arguments: answers)
    func lossless(what: String, answer: String) throws {
        let before = try tree(answer)
        let stream = try #require(ChunkMaker.events(of: before, length: 1 << 20, includesUsage: true))
        let after = try again(stream)
        #expect(Normal(after) == Normal(before), "\(what)")
    }

    @Test("has the usage in the last chunk where it is asked for, and nowhere otherwise", arguments: [true, false])
    func usage(isAsked: Bool) throws {
        let before = try tree(Self.answers["a plain one"] ?? "")
        let stream = try #require(ChunkMaker.events(of: before, length: 1 << 20, includesUsage: isAsked))
        let chunks = try chunks(stream)
        #expect(
            chunks.dropLast().allSatisfy { ($0["usage"] == .null) == isAsked && $0["choices"]?.elements.count == 1 }
        )
        #expect((chunks.last?["usage"]?["total_tokens"] == .number(3)) == isAsked)
        #expect((chunks.last?["choices"] == .array([])) == isAsked)
    }

    @Test(
        "is well-formed: the role first, texts in pieces, the reason to finish last, and every chunk says whose it is"
    )
    func shape() throws {
        let before = try tree(Self.answers["a plain one"] ?? "")
        let stream = try #require(ChunkMaker.events(of: before, length: 1 << 20, includesUsage: false))
        let chunks = try chunks(stream)
        #expect(String(buffer: stream).hasSuffix("\n\ndata: [DONE]\n\n"))
        for chunk in chunks {
            #expect(chunk["id"] == .text("chatcmpl-1") && chunk["object"] == .text("chat.completion.chunk"))
            #expect(chunk["created"] == .number(1_700_000_000) && chunk["model"] == .text("gpt-4o"))
            #expect(chunk["system_fingerprint"] == .text("fp_1"))
        }
        let parts = chunks.compactMap { $0["choices"]?.elements.first }
        #expect(parts.first?["delta"]?["role"] == .text("assistant") && parts.first?["delta"]?["content"] == .text(""))
        #expect(parts.dropLast().allSatisfy { $0["finish_reason"] == .null })
        #expect(parts.last?["finish_reason"] == .text("stop") && parts.last?["delta"] == .object([]))
        let pieces = parts.compactMap { $0["delta"]?["content"]?.text }.filter { !$0.isEmpty }
        #expect(
            pieces.count > 1 && pieces.flatMap { $0 } == before["choices"]?.elements.first?["message"]?["content"]?.text
        )
    }

    @Test(
        "says all that belongs to no choice in its first chunk, and what identifies the answer in each, byte for byte"
    )
    func bytes() throws {
        let answer =
            #"{"id":"c","object":"chat.completion","x":[1.0],"model":"m","choices":[{"index":0,"#
            + #""message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"total_tokens":3}}"#
        let stream = ChunkMaker.events(of: try tree(answer), length: 1 << 20, includesUsage: true)
        let common = #"{"id":"c","object":"chat.completion.chunk","model":"m","#
        let lines = [
            #"{"id":"c","object":"chat.completion.chunk","x":[1.0],"model":"m","#
                + #""choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}"#,
            common + #""choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null}"#,
            common + #""choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
            common + #""choices":[],"usage":{"total_tokens":3}}"#,
            "[DONE]",
        ]
        #expect(try String(buffer: #require(stream)) == lines.map { "data: \($0)\n\n" }.joined())
    }

    @Test("has log probabilities once: with their pieces, or with the reason to finish where the tokens are others")
    func logprobs() throws {
        for name in ["log probabilities", "log probabilities of other tokens", "log probabilities of a refusal"] {
            let before = try tree(Self.answers[name] ?? "")
            let stream = try #require(ChunkMaker.events(of: before, length: 1 << 20, includesUsage: false))
            let parts = try chunks(stream).compactMap { $0["choices"]?.elements.first }
            #expect(parts.first?["logprobs"] == .null, "\(name)")
            let isDealtOut = name != "log probabilities of other tokens"
            #expect((parts.last?["logprobs"] == .null) == isDealtOut, "\(name)")
        }
    }

    @Test("has its choices in the order of their indexes, and by their places where they have none of their own")
    func order() throws {
        func indexes(_ choices: String) throws -> [Int] {
            let stream = ChunkMaker.events(of: try tree(choices), length: 1 << 20, includesUsage: false)
            let parts = try chunks(try #require(stream)).compactMap { $0["choices"]?.elements.first }
            return parts.filter { $0["delta"]?["role"] != nil }.compactMap { $0["index"]?.int }
        }
        let message = #""message":{"content":"a"}"#
        #expect(try indexes(#"{"choices":[{"index":1,\#(message)},{"index":0,\#(message)}]}"#) == [0, 1])
        #expect(try indexes(#"{"choices":[{\#(message)},{\#(message)}]}"#) == [0, 1])
        #expect(try indexes(#"{"choices":[{"index":0,\#(message)},{"index":0,\#(message)}]}"#) == [0, 1])
    }

    @Test("is made of an answer whose members' names are escaped")
    func escapedNames() throws {
        let plain = Self.answers["tool calls"] ?? ""
        let escaped = plain.replacing("\"choices\"", with: #""choic\u0065s""#).replacing(
            "\"name\"",
            with: #""n\u0061me""#
        )
        #expect(escaped != plain)
        let stream = try #require(ChunkMaker.events(of: try tree(escaped), length: 1 << 20, includesUsage: true))
        #expect(Normal(try again(stream)) == Normal(try tree(plain)))
    }

    @Test("cuts no character, escape or pair of surrogates")
    func pieces() {
        for text in [#"\ud83d\ude00"#, "日", #"\n"#, #"\u00e9"#, "🙂"] {
            let source = Array(String(repeating: text, count: 60).utf8)
            let pieces = TextPieces.of(source)
            #expect(pieces.count > 1 && Array(pieces.joined()) == source)
            for piece in pieces { #expect(piece.count % text.utf8.count == 0 && piece.count <= 96, "\(text)") }
        }
        #expect(TextPieces.of([]).isEmpty)
    }

    @Test("is not made of what has no choices", arguments: ["{}", "[]", #"{"choices":[]}"#, #"{"error":{}}"#, "7"])
    func none(text: String) throws {
        #expect(ChunkMaker.events(of: try tree(text), length: 1 << 20, includesUsage: true) == nil)
    }
}

/// Compares members without their order, since JSON objects have none.
private struct Normal: Equatable, CustomStringConvertible {
    let description: String

    init(_ tree: JSONTree) { description = Self.text(tree) }

    private static func text(_ tree: JSONTree) -> String {
        switch tree {
        case .object(let members):
            "{"
                + members.map { "\(String(decoding: $0.name, as: UTF8.self)):\(text($0.value))" }.sorted().joined(
                    separator: ","
                ) + "}"
        case .array(let elements): "[" + elements.map(text).joined(separator: ",") + "]"
        case .string(let inner): "\"" + String(decoding: inner, as: UTF8.self) + "\""
        case .scalar(let source): String(decoding: source, as: UTF8.self)
        case .null: "null"
        }
    }
}
