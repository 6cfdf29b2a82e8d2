import Testing

@testable import Dialects

@Suite("The events of a message that are assembled")
struct MessageAssemblerTests {
    private typealias Streams = MessageStreams

    @Test("are the message, with its texts joined and the usage and the reason of the last message_delta")
    func texts() {
        #expect(
            Streams.answer(Streams.message(Streams.text(0, "Hel", "lo"), Streams.text(1, "you")))
                == #"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Hello"},{"type":"text","text":"you"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":7}}"#
        )
    }

    @Test("have the usage overwritten member by member, and never by null")
    func usage() {
        let stream =
            Streams.start + Streams.text(0, "a") + Streams.end("null", usage: #"{"output_tokens":2,"input_tokens":4}"#)
            + Streams.end(
                #""stop_sequence""#,
                usage: #"{"output_tokens":9,"input_tokens":null,"server_tool_use":{"web_search_requests":1}}"#
            ) + Streams.stop
        #expect(
            Streams.answer(stream)?.hasSuffix(
                #""stop_reason":"stop_sequence","stop_sequence":null,"usage":{"input_tokens":4,"output_tokens":9,"server_tool_use":{"web_search_requests":1}}}"#
            ) == true
        )
    }

    @Test("have further members of the reason to stop, of the answer and of later versions")
    func furtherMembers() {
        let delta = Streams.event(
            #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal"},"container":null},"context_management":{"applied_edits":[]},"usage":{"output_tokens":1}}"#
        )
        let answer = Streams.answer(Streams.start + Streams.text(0, "a") + delta + Streams.stop)
        #expect(
            answer?.hasSuffix(
                #""usage":{"input_tokens":3,"output_tokens":1},"stop_details":{"type":"refusal"},"context_management":{"applied_edits":[]}}"#
            ) == true,
            "\(answer ?? "")"
        )
    }

    @Test(
        "keep the input of a tool as it was written",
        arguments: [
            ([""], "{}"), ([], "{}"), (["", #"{\"a\": "#, #"1.50, \"b\":[1e400]}"#], #"{"a": 1.50, "b":[1e400]}"#),
            ([#"{\"é"#, #"\":\"\\u00e9 \\\\ \\\"\"}"#], #"{"é":"\u00e9 \\ \""}"#),
        ]
    )
    func tools(pieces: [String], input: String) {
        for type in ["tool_use", "server_tool_use"] {
            #expect(
                Streams.content(
                    Streams.block(
                        0,
                        #"{"type":"\#(type)","id":"t","name":"f","input":{}}"#,
                        pieces.map { #"{"type":"input_json_delta","partial_json":"\#($0)"}"# }
                    )
                ) == #"[{"type":"\#(type)","id":"t","name":"f","input":\#(input)}]"#
            )
        }
    }

    @Test("are no message if the input of a tool is cut off", arguments: [#"{\"a\":"#, "[1]", #"{\"a\":1}}"#, "x"])
    func cutInput(piece: String) {
        let delta = #"{"type":"input_json_delta","partial_json":"\#(piece)"}"#
        let block = Streams.block(0, #"{"type":"tool_use","id":"t","name":"f","input":{}}"#, [delta])
        #expect(Streams.content(block) == nil)
    }

    @Test("have the last signature, and citations one after another")
    func thinking() {
        #expect(
            Streams.content(
                Streams.block(
                    0,
                    #"{"type":"thinking","thinking":"","signature":""}"#,
                    [
                        #"{"type":"thinking_delta","thinking":"a"}"#, #"{"type":"thinking_delta","thinking":"b"}"#,
                        #"{"type":"signature_delta","signature":"x"}"#, #"{"type":"signature_delta","signature":"y="}"#,
                    ]
                ),
                Streams.block(1, #"{"type":"redacted_thinking","data":"zz"}"#),
                Streams.block(
                    2,
                    #"{"citations":[],"type":"text","text":""}"#,
                    [
                        #"{"type":"citations_delta","citation":{"n":1}}"#, #"{"type":"text_delta","text":"t"}"#,
                        #"{"type":"citations_delta","citation":{"n":2}}"#,
                    ]
                ),
                Streams.block(
                    3,
                    #"{"type":"text","text":"u"}"#,
                    [#"{"type":"citations_delta","citation":{"n":3}}"#]
                )
            )
                == #"[{"type":"thinking","thinking":"ab","signature":"y="},{"type":"redacted_thinking","data":"zz"},"#
                + #"{"citations":[{"n":1},{"n":2}],"type":"text","text":"t"},{"type":"text","text":"u","citations":[{"n":3}]}]"#
        )
    }

    @Test("have the last content of a compaction, and the model to which the request fell back")
    func beta() {
        let blocks =
            Streams.block(0, #"{"type":"fallback","to":{"model":"other"}}"#)
            + Streams.block(
                1,
                #"{"type":"compaction","content":null}"#,
                [#"{"type":"compaction_delta","content":"c","encrypted_content":"e"}"#]
            )
        let answer = Streams.answer(Streams.message(blocks)) ?? ""
        #expect(answer.contains(#""model":"other""#))
        #expect(answer.contains(#"{"type":"compaction","content":"c","encrypted_content":"e"}"#))
    }

    @Test("may have blocks at the same time, and events of a kind that is not known yet")
    func interleaved() {
        let stream =
            Streams.start
            + Streams.event(#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
            + Streams.event(#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#)
            + [(1, "b"), (0, "a"), (1, "d"), (0, "c")].map {
                Streams.event(
                    #"{"type":"content_block_delta","index":\#($0.0),"delta":{"type":"text_delta","text":"\#($0.1)"}}"#
                )
            }
            .joined() + Streams.event(#"{"type":"news","index":7}"#)
            + (0...1).map { Streams.event(#"{"type":"content_block_stop","index":\#($0)}"#) }.joined()
            + Streams.end() + Streams.stop
        let read = Streams.read(stream)
        #expect(read.progress.isWhole && !read.progress.isAmbiguous && !read.progress.isUnfit)
        #expect(Streams.answer(stream)?.contains(#"[{"type":"text","text":"ac"},{"type":"text","text":"bd"}]"#) == true)
    }

    @Test(
        "are no message if it is unclear what they say",
        arguments: [
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_start","index":9223372036854775807,"content_block":{"type":"text"}}"#,
            #"{"type":"content_block_start","index":-1,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_start","index":"0","content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
            #"{"type":"content_block_delta","index":99999999999999999999,"delta":{"type":"text_delta","text":"a"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"message_start","message":{"id":"msg_2","type":"message","content":[]}}"#,
        ]
    )
    func misplaced(event: String) {
        let stream = Streams.start + Streams.event(event) + Streams.end() + Streams.stop
        #expect(Streams.read(stream).progress.isAmbiguous)
        if !event.contains("block_stop") { #expect(Streams.answer(stream) == nil) }
    }

    @Test(
        "are no message if a delta is of no kind that the block has",
        arguments: [
            #"{"type":"thinking_delta","thinking":"a"}"#, #"{"type":"text_delta"}"#, #"{"type":"news","text":"a"}"#,
            "{}",
            #"{"type":"input_json_delta","partial_json":"{}"}"#, #""text_delta""#,
        ]
    )
    func otherDeltas(delta: String) {
        #expect(Streams.content(Streams.block(0, #"{"type":"text","text":""}"#, [delta])) == nil)
    }
}
