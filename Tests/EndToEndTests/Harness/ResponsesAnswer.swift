/// Answers of the Responses API.
extension Answer {
    /// The output of a model that thinks, speaks and calls a function, as JSON.
    static let responseOutput = #"""
        [{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"I think."}]},\#
        {"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"{\"city\": \"Zürich\"}"}]},\#
        {"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"weather","arguments":"{\"in\":\"Zürich\"}"}]
        """#

    /// A response with that number in its id.
    static func responseObject(
        _ number: Int,
        status: String = "completed",
        output: String = responseOutput,
        members: String = ""
    ) -> String {
        #"{"id":"resp_\#(number)","object":"response","created_at":1700000000,"status":"\#(status)","error":null,"#
            + #""incomplete_details":null,"model":"gpt-4o-2024","output":\#(output),"parallel_tool_calls":true,"#
            + #""tool_choice":"auto","tools":[],"usage":{"input_tokens":4,"input_tokens_details":{"cached_tokens":0},"#
            + #""output_tokens":5,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":9}\#(members)}"#
    }

    /// A response in one piece.
    static func response(_ number: Int) -> Answer { .json(responseObject(number)) }

    /// The events of a response, as OpenAI streams it.
    static func responseEvents(_ number: Int) -> [String] {
        let begun = responseObject(number, status: "in_progress", output: "[]")
        let item = #""item_id":"msg_1","output_index":1,"content_index":0"#
        let part = #"{"type":"output_text","annotations":[],"logprobs":[],"text":"#
        let events: [(String, String)] = [
            ("response.created", #""response":\#(begun)"#), ("response.in_progress", #""response":\#(begun)"#),
            ("response.output_item.added", #""output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}"#),
            (
                "response.reasoning_summary_part.added",
                #""item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}"#
            ),
            (
                "response.reasoning_summary_text.delta",
                #""item_id":"rs_1","output_index":0,"summary_index":0,"delta":"I think.","obfuscation":"aaaaaaaa""#
            ),
            (
                "response.reasoning_summary_text.done",
                #""item_id":"rs_1","output_index":0,"summary_index":0,"text":"I think.""#
            ),
            (
                "response.reasoning_summary_part.done",
                #""item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"I think."}"#
            ),
            (
                "response.output_item.done",
                #""output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"I think."}]}"#
            ),
            (
                "response.output_item.added",
                #""output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}"#
            ),
            ("response.content_part.added", #"\#(item),"part":\#(part)""}"#),
            ("response.output_text.delta", #"\#(item),"delta":"{\"city\": ","logprobs":[],"obfuscation":"bbbb""#),
            ("response.output_text.delta", #"\#(item),"delta":"\"Zürich\"}","logprobs":[],"obfuscation":"cc""#),
            ("response.output_text.done", #"\#(item),"text":"{\"city\": \"Zürich\"}","logprobs":[]"#),
            ("response.content_part.done", #"\#(item),"part":\#(part)"{\"city\": \"Zürich\"}"}"#),
            (
                "response.output_item.done",
                #""output_index":1,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[\#(part)"{\"city\": \"Zürich\"}"}]}"#
            ),
            (
                "response.output_item.added",
                #""output_index":2,"item":{"id":"fc_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"weather","arguments":""}"#
            ),
            (
                "response.function_call_arguments.delta",
                #""item_id":"fc_1","output_index":2,"delta":"{\"in\":\"Zürich\"}","obfuscation":"d""#
            ),
            (
                "response.function_call_arguments.done",
                #""item_id":"fc_1","output_index":2,"arguments":"{\"in\":\"Zürich\"}","name":"weather""#
            ),
            (
                "response.output_item.done",
                #""output_index":2,"item":{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"weather","arguments":"{\"in\":\"Zürich\"}"}"#
            ), ("response.completed", #""response":\#(responseObject(number))"#),
        ]
        return events.enumerated().map { number, event in
            "event: \(event.0)\ndata: {\"type\":\"\(event.0)\",\"sequence_number\":\(number),\(event.1)}\n\n"
        }
    }

    /// A stream of these events.
    static func stream(_ events: [String]) -> Answer {
        Answer(
            headers: [("content-type", "text/event-stream; charset=utf-8")],
            body: .bytes(Array(events.joined().utf8))
        )
    }

    /// Answers each request for a response in the form that it asks for.
    static let responses: RecordingUpstream.Script = { request, number in
        request.json["stream"].bool == true ? .stream(responseEvents(number)) : .response(number)
    }
}
