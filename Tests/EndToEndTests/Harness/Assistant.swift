/// A model as applications meet it, in three families of calls and in both forms. Where a request has tools, it calls
/// the first one, with a city, until it is given a result; where a request has a schema, it names the city in JSON; and
/// otherwise it says `warm` and the number of the call.
enum Assistant {
    static let script: RecordingUpstream.Script = { request, number in
        let path = request.uri.split(separator: "?").first ?? ""
        if path.hasSuffix("/chat/completions") { return chat(request.json, number) }
        if path.hasSuffix("/responses") { return response(request.json, number) }
        return message(request.json, number)
    }

    /// What the model does in one turn.
    private enum Turn {
        case call(String)
        case say(String)

        init(_ number: Int, tool: String?, isForced: Bool, hasResult: Bool, format: String?) {
            let hasSchema = format.map { $0 != "text" } ?? false
            if let tool, !hasResult, isForced || !hasSchema {
                self = .call(tool)
            } else {
                self = .say(hasSchema ? Assistant.quoted : "warm \(number)")
            }
        }
    }

    /// The arguments of a call of a tool.
    private static let arguments = #"{"city":"Zürich"}"#
    /// The same within a JSON string.
    private static let quoted = #"{\"city\":\"Zürich\"}"#

    private static func chat(_ request: JSON, _ number: Int) -> Answer {
        let turn = Turn(
            number,
            tool: request["tools"][0]["function"]["name"].string,
            isForced: request["tool_choice"]["type"].string == "function",
            hasResult: request["messages"].array.last?["role"].string == "tool",
            format: request["response_format"]["type"].string
        )
        let usage = #""usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}"#
        let call: String, name: String, content: String, reason: String
        switch turn {
        case .call(let tool): (name, content, reason) = (tool, "null", #""tool_calls""#)
        case .say(let text): (name, content, reason) = ("", "\"\(text)\"", #""stop""#)
        }
        call = #""id":"call_\#(number)","type":"function""#
        let isCall = !name.isEmpty
        guard request["stream"].bool == true else {
            let calls =
                isCall ? #","tool_calls":[{\#(call),"function":{"name":"\#(name)","arguments":"\#(quoted)"}}]"# : ""
            return .json(
                #"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt","#
                    + #""choices":[{"index":0,"message":{"role":"assistant","content":\#(content),"refusal":null\#(calls)},"#
                    + #""logprobs":null,"finish_reason":\#(reason)}],\#(usage)}"#
            )
        }
        var deltas = [#"{"role":"assistant","content":\#(isCall ? "null" : "\"\"")}"#]
        if isCall {
            let function = #""function":{"name":"\#(name)","arguments":""}"#
            deltas.append(#"{"tool_calls":[{"index":0,\#(call),\#(function)}]}"#)
            for piece in [#"{\"city\":"#, #"\"Zürich\"}"#] {
                deltas.append(#"{"tool_calls":[{"index":0,"function":{"arguments":"\#(piece)"}}]}"#)
            }
        } else {
            deltas.append(#"{"content":\#(content)}"#)
        }
        var chunks = deltas.map { Answer.chunk($0) } + [Answer.chunk("{}", finish: reason)]
        if request["stream_options"]["include_usage"].bool == true { chunks.append(Answer.usageChunk) }
        return .stream((chunks + ["[DONE]"]).map { "data: \($0)\n\n" })
    }

    private static func response(_ request: JSON, _ number: Int) -> Answer {
        let turn = Turn(
            number,
            tool: request["tools"][0]["name"].string,
            isForced: request["tool_choice"]["type"].string == "function",
            hasResult: request["input"].array.contains { $0["type"].string == "function_call_output" },
            format: request["text"]["format"]["type"].string
        )
        let item: String, begun: String
        let events: [(String, String)]
        switch turn {
        case .call(let tool):
            let call = #""type":"function_call","id":"fc_\#(number)","call_id":"call_\#(number)","name":"\#(tool)""#
            item = #"{\#(call),"status":"completed","arguments":"\#(quoted)"}"#
            begun = #"{\#(call),"status":"in_progress","arguments":""}"#
            let place = #""item_id":"fc_\#(number)","output_index":0"#
            events = [
                ("response.function_call_arguments.delta", #"\#(place),"delta":"\#(quoted)""#),
                ("response.function_call_arguments.done", #"\#(place),"name":"\#(tool)","arguments":"\#(quoted)""#),
            ]
        case .say(let text):
            let message = #""type":"message","id":"msg_\#(number)","role":"assistant""#
            func part(_ text: String) -> String {
                #"{"type":"output_text","annotations":[],"logprobs":[],"text":"\#(text)"}"#
            }
            item = #"{\#(message),"status":"completed","content":[\#(part(text))]}"#
            begun = #"{\#(message),"status":"in_progress","content":[]}"#
            let place = #""item_id":"msg_\#(number)","output_index":0,"content_index":0"#
            events = [
                ("response.content_part.added", #"\#(place),"part":\#(part(""))"#),
                ("response.output_text.delta", #"\#(place),"delta":"\#(text)","logprobs":[]"#),
                ("response.output_text.done", #"\#(place),"text":"\#(text)","logprobs":[]"#),
                ("response.content_part.done", #"\#(place),"part":\#(part(text))"#),
            ]
        }
        let whole = Answer.responseObject(number, output: "[\(item)]")
        guard request["stream"].bool == true else { return .json(whole) }
        let created = #""response":\#(Answer.responseObject(number, status: "in_progress", output: "[]"))"#
        let all =
            [
                ("response.created", created), ("response.in_progress", created),
                ("response.output_item.added", #""output_index":0,"item":\#(begun)"#),
            ] + events + [
                ("response.output_item.done", #""output_index":0,"item":\#(item)"#),
                ("response.completed", #""response":\#(whole)"#),
            ]
        return .stream(
            all.enumerated().map { index, event in
                "event: \(event.0)\ndata: {\"type\":\"\(event.0)\",\"sequence_number\":\(index),\(event.1)}\n\n"
            }
        )
    }

    private static func message(_ request: JSON, _ number: Int) -> Answer {
        let last = request["messages"].array.last?["content"].array ?? []
        let turn = Turn(
            number,
            tool: request["tools"][0]["name"].string,
            isForced: request["tool_choice"]["type"].string == "tool",
            hasResult: last.contains { $0["type"].string == "tool_result" },
            format: request["output_config"]["format"]["type"].string ?? request["output_format"]["type"].string
        )
        let reason: String, block: Claude.Block
        switch turn {
        case .call(let tool): (reason, block) = ("tool_use", .tool("tool_use", tool, arguments, quoted))
        case .say(let text): (reason, block) = ("end_turn", .text(text))
        }
        let thinking = request["thinking"]["type"].string == "enabled"
        let blocks = (thinking ? Claude.answers["thinking"]?.blocks.prefix(1).map { $0 } ?? [] : []) + [block]
        guard request["stream"].bool == true else { return .json(Claude.whole(reason, blocks)) }
        return Claude.stream(Claude.events(reason, blocks).joined())
    }
}
