import JSON
import NIOCore
import Testing

@testable import Dialects

@Suite("Chunks that are assembled")
struct AnswerAssemblerTests {
    private func assembled(_ chunks: [String]) -> String? {
        let document = JSONDocument()
        var assembler = AnswerAssembler()
        for chunk in chunks {
            guard let tree = JSONTree(parsing: ByteBuffer(string: chunk), with: document) else { return nil }
            assembler.add(tree)
        }
        return assembler.result.map { String(buffer: $0) }
    }

    private func chunk(_ delta: String, index: Int = 0, finish: String = "null") -> String {
        #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":\#(index),"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    private func message(_ deltas: [String]) -> String? {
        guard let whole = assembled(deltas.map { chunk($0) } + [chunk("{}", finish: "\"stop\"")]),
            let start = whole.firstRange(of: "\"message\":")
        else { return nil }
        return String(whole[start.upperBound...]).replacing(",\"finish_reason\":\"stop\"}]}", with: "")
    }

    @Test("join texts and keep the role once, however often it is said")
    func texts() {
        #expect(
            message([
                #"{"role":"assistant","content":""}"#, #"{"role":"assistant","content":"Hel"}"#, #"{"content":"lo"}"#,
            ])
                == #"{"role":"assistant","content":"Hello"}"#
        )
    }

    @Test("join the arguments of tool calls by index, interleaved, beginning anywhere")
    func toolCalls() {
        #expect(
            message([
                #"{"role":"assistant","content":null}"#,
                #"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x"}}]}"#,
                #"{"tool_calls":[{"index":1,"function":{"arguments":"[1"}},{"index":0,"function":{"arguments":"\":1}"}}]}"#,
                #"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"]"}}]}"#,
            ])
                == #"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"[1]"}}]}"#
        )
    }

    @Test("distinguish tool calls by their id where a server gives all of them one index")
    func oneIndex() {
        #expect(
            message([
                #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]}"#,
                #"{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"2"}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"3"}}]}"#,
            ])
                == #"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"1"}},{"id":"b","function":{"name":"g","arguments":"23"}}],"content":null}"#
        )
    }

    @Test("keep members that nobody knows: texts joined, lists appended, the last of anything else")
    func unknown() {
        #expect(
            message([
                #"{"role":"assistant","content":"","thinking":"a","steps":[1],"n":1,"deep":{"text":"x","k":true}}"#,
                #"{"thinking":"b","steps":[2,3],"n":2,"deep":{"text":"y","k":false},"late":null}"#,
                #"{"content":"z"}"#,
            ])
                == #"{"role":"assistant","content":"z","thinking":"ab","steps":[1,2,3],"n":2,"deep":{"text":"xy","k":false},"late":null}"#
        )
    }

    @Test("keep the last of a member's values where they are of several kinds, and not what is inside the earlier ones")
    func severalKinds() {
        #expect(
            message([
                #"{"content":"a","x_note":{"k":"v"}}"#, #"{"x_note":1}"#, #"{"x_note":{"l":"w"}}"#,
            ]) == #"{"content":"a","x_note":{"l":"w"}}"#
        )
    }

    @Test("keep choices apart and in order, with the last usage and the first name")
    func choices() {
        #expect(
            assembled([
                #"{"id":"","object":"chat.completion.chunk","created":0,"model":"","prompt_filter_results":[1],"choices":[]}"#,
                chunk(#"{"content":"b"}"#, index: 1), chunk(#"{"content":"a"}"#),
                chunk("{}", index: 1, finish: #""length""#),
                chunk("{}", finish: #""stop""#),
                #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","obfuscation":"xyz","choices":[],"usage":{"total_tokens":3}}"#,
            ])
                == #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"},{"index":1,"message":{"content":"b"},"finish_reason":"length"}],"prompt_filter_results":[1],"usage":{"total_tokens":3}}"#
        )
    }

    @Test("join fragments of one tool call, also in the chunk that opens the list")
    func fragmentsAtOnce() {
        #expect(
            message([
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}},{"index":0,"function":{"arguments":"}"}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":1,"function":{"arguments":"1"}},{"index":1,"function":{"arguments":"2"}}]}"#,
            ])
                == #"{"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"12"}}],"content":null}"#
        )
    }

    @Test("join the pieces of a function's name, and take one that is said again with its id for what it is")
    func names() {
        #expect(
            message([
                #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"ge","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"name":"t_"}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"name":"get_"}}]}"#,
                #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"get_get_","arguments":"1"}}]}"#,
                #"{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":"2"}}]}"#,
                #"{"tool_calls":[{"index":1,"id":"b","type":"custom","custom":{"name":"","input":""}}]}"#,
                #"{"tool_calls":[{"index":1,"custom":{"name":"sq"}},{"index":1,"custom":{"name":"l","input":"x"}}]}"#,
            ])
                == #"{"tool_calls":[{"id":"a","function":{"name":"get_get_","arguments":"12"}},{"id":"b","type":"custom","custom":{"name":"sql","input":"x"}}],"content":null}"#
        )
        #expect(
            message([
                #"{"function_call":{"name":"ge","arguments":""}}"#, #"{"function_call":{"name":"t","arguments":"1"}}"#,
            ])
                == #"{"function_call":{"name":"get","arguments":"1"},"content":null}"#
        )
    }

    @Test("keep a list in the content, and the texts before and behind it, as parts of it")
    func thinking() {
        #expect(
            message([
                #"{"role":"assistant","content":""}"#,
                #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}"#,
                #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"m."}]}]}"#,
                #"{"content":"An"}"#, #"{"content":""}"#, #"{"content":"swer"}"#,
            ])
                == #"{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"thinking","thinking":[{"type":"text","text":"m."}]},{"type":"text","text":"Answer"}]}"#
        )
        #expect(
            message([
                #"{"content":"be"}"#, #"{"content":"fore"}"#, #"{"content":[{"type":"image"}]}"#, #"{"content":"a"}"#,
                #"{"content":[{"type":"text","text":"b"}]}"#, #"{"content":"c"}"#, #"{"content":"d"}"#,
            ])
                == #"{"content":[{"type":"text","text":"before"},{"type":"image"},{"type":"text","text":"a"},{"type":"text","text":"bcd"}]}"#
        )
        #expect(
            message([
                #"{"reasoning_details":[{"index":0,"format":"f","text":"a"}]}"#,
                #"{"reasoning_details":[{"index":0,"format":"f","text":"b"}]}"#,
            ])
                == #"{"reasoning_details":[{"index":0,"format":"f","text":"ab"}],"content":null}"#
        )
        #expect(
            message([#"{"steps":["a"]}"#, #"{"steps":"b"}"#, #"{"steps":""}"#, #"{"steps":["c"]}"#])
                == #"{"steps":["a","b","c"],"content":null}"#
        )
    }

    @Test("leave lists that nobody knows in their order and with their indexes")
    func unknownLists() {
        #expect(
            message([
                #"{"reasoning_details":[{"type":"reasoning.text","text":"a","index":1},{"type":"reasoning.encrypted","data":"x","index":1},{"type":"reasoning.text","text":"c","index":0}]}"#,
                #"{"reasoning_details":[{"type":"reasoning.text","text":"d","index":0}],"x":{"y":[{"index":3},{"index":2}]}}"#,
            ])
                == #"{"reasoning_details":[{"type":"reasoning.text","text":"a","index":1},{"type":"reasoning.encrypted","data":"x","index":1},{"type":"reasoning.text","text":"cd","index":0}],"x":{"y":[{"index":3},{"index":2}]},"content":null}"#
        )
    }

    @Test("are not changed by what Azure's filters say behind the answer, and what they say is kept")
    func asynchronousFilters() {
        let filters = #"{"hate":{"filtered":false,"severity":"safe"}}"#
        #expect(
            assembled([
                #"{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[1]}"#,
                chunk(#"{"role":"assistant","content":"a"}"#), chunk("{}", finish: #""stop""#),
                #"{"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":\#(filters),"content_filter_offsets":{"check_offset":1}}]}"#,
                #"{"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":\#(filters),"content_filter_offsets":{"check_offset":2}}]}"#,
            ])
                == #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop","content_filter_results":\#(filters),"content_filter_offsets":{"check_offset":2}}],"prompt_filter_results":[1]}"#
        )
    }

    @Test("take the last reason to finish that says something")
    func reasons() {
        let reasons = [#""""#, #""tool_calls""#, #""stop""#, "null", #""""#]
        #expect(assembled(reasons.map { chunk("{}", finish: $0) })?.contains(#""finish_reason":"stop""#) == true)
    }

    @Test("compare the names of members decoded")
    func escapedNames() {
        #expect(
            message([
                #"{"role":"assistant","cont\u0065nt":"a","\u00e9\"\\\n":"x"}"#,
                #"{"\u0063ontent":"b","é\u0022\\\u000a":"y"}"#,
            ])
                == #"{"role":"assistant","content":"ab","é\"\\\u000a":"xy"}"#
        )
        #expect(
            assembled([#"{"choic\u0065s":[{"ind\u0065x":1,"d\u0065lta":{"content":"a"}}]}"#])
                == #"{"choices":[{"index":1,"message":{"content":"a"}}]}"#
        )
    }

    @Test("are nothing without a choice")
    func nothing() { #expect(assembled([#"{"id":"c","choices":[]}"#]) == nil) }
}

@Suite("A streamed answer")
struct StreamReaderTests {
    private func isWhole(_ data: [String], usageIsAsked: Bool = true) -> (Bool, [StreamEventKind]) {
        let reader = StreamReader(OpenAI.stream, usageIsAsked: usageIsAsked)
        let kinds = data.map {
            reader.read(ServerSentEvent(raw: ByteBuffer(), data: $0.isEmpty ? nil : ByteBuffer(string: $0)))
        }
        return (reader.isWhole, kinds)
    }

    private static let piece = #"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#
    private static let last = #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
    private static let usage = #"{"choices":[],"usage":{"total_tokens":1}}"#

    @Test("is whole when it is done and every choice has a reason to finish")
    func whole() {
        #expect(isWhole([Self.piece, Self.last, Self.usage, "[DONE]"]) == (true, [.chunk, .chunk, .usage, .done]))
        #expect(isWhole(["", Self.piece, Self.last, "[DONE]"]).1.first == .comment)
        #expect(isWhole([Self.last.replacing(#""delta""#, with: #""usage":{},"delta""#), "[DONE]"]).0)
        #expect(
            isWhole([Self.piece, #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{}}"#]).1.last
                == .chunkWithUsage
        )
    }

    @Test("reports the usage to everyone where it was not requested, and is recognised by it with choices and without")
    func usage() {
        for usage in [Self.usage, #"{"usage":{"total_tokens":1}}"#, #"{"choices":null,"usage":{}}"#] {
            #expect(isWhole([usage]).1 == [.usage], "\(usage)")
            #expect(isWhole([usage], usageIsAsked: false).1 == [.chunkWithUsage], "\(usage)")
        }
        #expect(isWhole([#"{"usage":null}"#, #"{"choices":[],"usage":null}"#]).1 == [.chunk, .chunk])
    }

    @Test("is complete though two members have one name, and said to be ambiguous")
    func ambiguous() {
        for (text, isAmbiguous) in [
            (#"{"choices":[{"index":0,"delta":{"content":"a","content":"b"},"finish_reason":"stop"}]}"#, true),
            (#"{"id":"a","\u0069d":"a","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, true),
            (Self.last, false),
        ] {
            let reader = StreamReader(OpenAI.stream, usageIsAsked: false)
            for data in [text, Self.last, "[DONE]"] {
                _ = reader.read(ServerSentEvent(raw: ByteBuffer(), data: ByteBuffer(string: data)))
            }
            #expect(reader.isWhole && reader.isAmbiguous == isAmbiguous, "\(text)")
        }
    }

    @Test("for which the usage was asked and not given serves those who ask, in a form that every version reads")
    func withoutUsage() throws {
        var recording = StreamRecording()
        recording.add(.chunk, ByteBuffer(string: "data: a\n\n"), gap: 7)
        recording.add(.done, ByteBuffer(string: "data: [DONE]\n\n"), gap: 5)
        #expect(!recording.servesUsage)
        let before = recording
        recording.noteUsageAsked()
        #expect(recording.servesUsage && recording.bytes == before.bytes)
        var body = ByteBuffer()
        for part in recording.body { body.writeImmutableBuffer(part) }
        let read = try #require(StreamRecording(body: body))
        #expect(read == recording && read.servesUsage && read.events.map(\.gap) == [7, 5])
        #expect(read.events.map(\.kind) == [.chunk, .chunkWithUsage], "kinds that there have always been")
        for isAsked in [true, false] { #expect(read.replay(includesUsage: isAsked) == before.bytes) }
    }

    @Test("is not whole otherwise")
    func notWhole() {
        for data in [
            [Self.piece, Self.last], [Self.piece, "[DONE]"], ["[DONE]"], [Self.usage, "[DONE]"],
            [Self.piece, #"{"error":{"message":"no"}}"#, Self.last, "[DONE]"],
            [Self.piece, "nonsense", Self.last, "[DONE]"],
            [Self.last, Self.piece.replacing(#""index":0"#, with: #""index":1"#), "[DONE]"],
            [Self.piece, Self.last.replacing(#""stop""#, with: #""""#), "[DONE]"],
        ] { #expect(!isWhole(data).0, "\(data)") }
    }

    @Test(
        "is not whole where a choice is none or has failed",
        arguments: [
            #"{"choices":[null]}"#, #"{"choices":[{}]}"#, #"{"choices":["a"]}"#,
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
            #"{"choices":[{"index":0,"delta":{},"finish_reason":null,"error":{"code":502}}]}"#,
            #"{"choices":[{"index":0,"text":"a","finish_reason":"error"}]}"#,
            #"{"choices":[],"error":{"message":"no"}}"#, #"{"error":null,"error":1,"choices":[]}"#,
        ]
    )
    func failed(event: String) {
        for events in [
            [event, Self.last, "[DONE]"], [Self.last, event, "[DONE]"], [Self.piece, event, Self.last, "[DONE]"],
        ] {
            let (whole, kinds) = isWhole(events)
            #expect(!whole, "\(events)")
            #expect(kinds.contains(.error))
        }
    }

    @Test(
        "is whole with what is legal though unusual",
        arguments: [
            #"{"choices":[],"prompt_filter_results":[{}]}"#, #"{"choices":[],"error":null}"#, #"{"choices":null}"#,
            "{}",
            #"{"choices":[{"index":0,"finish_reason":null,"content_filter_results":{}}]}"#,
            #"{"choices":[{"index":0,"delta":{"content":"error"},"error":null,"finish_reason":null}]}"#,
        ]
    )
    func unusual(event: String) {
        #expect(isWhole([event, Self.piece, Self.last, event, "[DONE]"]).0)
    }

    @Test(
        "is kept with its gaps, distinguished from anything else, and replayed without the usage for those who did not request it"
    )
    func recording() throws {
        var recording = StreamRecording()
        recording.add(.chunk, ByteBuffer(string: "data: a\n\n"), gap: 7)
        recording.add(.usage, ByteBuffer(string: "data: u\n\n"), gap: 1 << 40)
        recording.add(.done, ByteBuffer(string: "data: [DONE]\n\n"), gap: -1)
        var body = ByteBuffer()
        for part in recording.body { body.writeImmutableBuffer(part) }
        #expect(body.readableBytes == recording.bodyLength)
        let read = try #require(StreamRecording(body: body))
        #expect(read == recording && read.servesUsage)
        #expect(read.events.map(\.gap) == [7, (1 << 28) - 1, 0])
        #expect(String(buffer: read.replay(includesUsage: true)) == "data: a\n\ndata: u\n\ndata: [DONE]\n\n")
        #expect(String(buffer: read.replay(includesUsage: false)) == "data: a\n\ndata: [DONE]\n\n")
        for length in 0..<body.readableBytes {
            let cut = try #require(body.getSlice(at: 0, length: length))
            #expect(StreamRecording(body: cut) == nil, "\(length)")
        }
        #expect(StreamRecording(body: ByteBuffer(repeating: 0xFF, count: 64)) == nil)
    }
}
