import JSON
import NIOCore
import Testing

@testable import Dialects

@Suite("A message that is converted to a stream")
struct MessageEventsTests {
    private typealias Streams = MessageStreams

    private func message(_ content: String, _ more: String = "") -> String {
        #"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":\#(content),"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":7}\#(more)}"#
    }

    @Test("has the events that Anthropic sends, with their names")
    func events() {
        #expect(
            Streams.events(message(#"[{"type":"text","text":"Hello"}]"#))
                == Streams.start + Streams.text(0, "Hello")
                + Streams.end(usage: #"{"input_tokens":3,"output_tokens":7}"#) + Streams.stop
        )
    }

    @Test("begins with the empty shell of each block")
    func shells() throws {
        let content =
            #"[{"type":"thinking","thinking":"hm","signature":"s="},{"type":"tool_use","id":"t","name":"f","input":{ "a" : "\n" }},"#
            + #"{"type":"text","text":"x","citations":[{"n":1},{"n":2}]},{"type":"redacted_thinking","data":"zz"}]"#
        let events = try #require(Streams.events(message(content)))
        #expect(
            events.contains(
                Streams.block(
                    0,
                    #"{"type":"thinking","thinking":"","signature":""}"#,
                    [#"{"type":"thinking_delta","thinking":"hm"}"#, #"{"type":"signature_delta","signature":"s="}"#]
                )
                    + Streams.block(
                        1,
                        #"{"type":"tool_use","id":"t","name":"f","input":{}}"#,
                        [
                            #"{"type":"input_json_delta","partial_json":""}"#,
                            #"{"type":"input_json_delta","partial_json":"{ \"a\" : \"\\n\" }"}"#,
                        ]
                    )
                    + Streams.block(
                        2,
                        #"{"type":"text","text":"","citations":[]}"#,
                        [
                            #"{"type":"text_delta","text":"x"}"#, #"{"type":"citations_delta","citation":{"n":1}}"#,
                            #"{"type":"citations_delta","citation":{"n":2}}"#,
                        ]
                    ) + Streams.block(3, #"{"type":"redacted_thinking","data":"zz"}"#)
            ),
            "\(events)"
        )
    }

    @Test(
        "is assembled into the same message again",
        arguments: [
            #"[{"type":"text","text":"A few words, a quote \" and é 😀 \ud83d\ude00 and so on and on \\ until the end."}]"#,
            #"[{"type":"text","text":""}]"#, #"[{"type":"text","text":"a","citations":null}]"#,
            #"[{"type":"text","text":"a","citations":[]}]"#, #"[{"type":"text","text":"a","citations":[{"n":1}]}]"#,
            #"[{"type":"thinking","thinking":"","signature":"x"},{"type":"text","text":"b"}]"#,
            #"[{"type":"thinking","thinking":"t"},{"type":"thinking","thinking":"t","signature":""}]"#,
            #"[{"type":"tool_use","id":"t","name":"f","input":{}}]"#,
            #"[{"type":"tool_use","id":"t","name":"f","input":{"a":1.50,"b":"a long text with é and 😀 and \n \u0000 \\ \" in it"}}]"#,
            #"[{"type":"server_tool_use","id":"t","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"t","content":[{"a":[1]}]}]"#,
            #"[{"type":"tool_use","id":"t","name":"f","input":"odd"},{"type":"later","input":{"a":1},"text":"b"}]"#,
        ]
    )
    func roundTrip(content: String) throws {
        for more in ["", #","stop_details":null,"container":{"id":"c"}"#] {
            let answer = message(content, more)
            let events = try #require(Streams.events(answer))
            let read = Streams.read(events)
            #expect(read.progress.isWhole && !read.progress.isUnfit && !read.progress.isAmbiguous)
            #expect(Streams.answer(events) == answer)
        }
    }

    @Test("keeps the input of a tool as it was written, whatever the white space")
    func verbatim() throws {
        let input = "{ \"a\" :\r\n\t1.0 }"
        let events = try #require(
            Streams.events(message(#"[{"type":"tool_use","id":"t","name":"f","input":\#(input)}]"#))
        )
        #expect(Streams.answer(events)?.contains(#""input":\#(input)}"#) == true)
        let body =
            "{\n\"type\": \"message\",\r\n\r\n\"content\": [\n{\"type\":\n\"text\",\"text\":\"a\"}],\n\"usage\":{}}"
        #expect(Streams.events(body)?.contains(#"{"type":"text","text":""}"#) == true, "no line end breaks an event")
    }

    @Test(
        "is refused where it is no message",
        arguments: [
            "", "{}", "[]", #"{"type":"message"}"#, #"{"type":"message","content":[],"usage":null}"#,
            #"{"type":"error","content":[],"usage":{}}"#, #"{"type":"message","content":[1],"usage":{}}"#,
            #"{"type":"message","content":[{}],"usage":{}}"#, #"{"type":"message","content":"a","usage":{}}"#,
        ]
    )
    func refused(body: String) {
        #expect(Streams.events(body) == nil)
    }
}
