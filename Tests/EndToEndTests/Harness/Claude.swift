import Testing

/// A model behind Anthropic's API, as a provider has it: what it answers, in both forms, to each question.
enum Claude {
    /// Two models of Anthropic's, one of which is a mock, and one model of OpenAI's own cloud.
    static func configuration(_ cache: String = "type: local") -> String {
        """
        model_list:
          - model_name: claude
            litellm_params:
              model: anthropic/claude-sonnet
              api_base: UPSTREAM
              api_key: sk-upstream
          - model_name: mocked
            litellm_params:
              model: anthropic/mocked
              mock_response: a mocked answer
          - model_name: gpt
            litellm_params:
              model: openai/gpt-4o
              api_key: sk-none
        litellm_settings:
          cache: True
          cache_params:

        """ + cache.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    /// The blocks of an answer: the JSON of each, its shell and its deltas.
    struct Block: Sendable {
        let whole: String
        let shell: String
        var deltas: [String] = []

        static func text(_ pieces: String...) -> Block {
            Block(
                whole: #"{"type":"text","text":"\#(pieces.joined())"}"#,
                shell: #"{"type":"text","text":""}"#,
                deltas: pieces.map { #"{"type":"text_delta","text":"\#($0)"}"# }
            )
        }

        static func tool(_ type: String, _ name: String, _ input: String, _ pieces: String...) -> Block {
            Block(
                whole: #"{"type":"\#(type)","id":"toolu_\#(name)","name":"\#(name)","input":\#(input)}"#,
                shell: #"{"type":"\#(type)","id":"toolu_\#(name)","name":"\#(name)","input":{}}"#,
                deltas: ([""] + pieces).map { #"{"type":"input_json_delta","partial_json":"\#($0)"}"# }
            )
        }
    }

    private static let citation =
        #"{"type":"char_location","cited_text":"x","document_index":0,"document_title":null,"file_id":null,"start_char_index":0,"end_char_index":1}"#
    private static let result =
        #"{"type":"web_search_tool_result","tool_use_id":"toolu_web_search","content":[{"type":"web_search_result","title":"t","url":"http://h","encrypted_content":"e","page_age":null}]}"#

    /// What is answered to each question, with the reason to stop.
    static let answers: [String: (reason: String, blocks: [Block])] = [
        "text": ("end_turn", [.text("Hello, ", "wörld \\ud83d\\ude00", " \\\"and\\\" more"), .text("twice")]),
        "tools": (
            "tool_use",
            [
                .text("I look it up."),
                .tool(
                    "tool_use",
                    "weather",
                    #"{"place": "Zürich", "days": [1, 2.50]}"#,
                    #"{\"place\": \"Zür"#,
                    #"ich\", \"days\": [1, 2.50]}"#
                ),
                .tool("tool_use", "time", "{}"),
            ]
        ),
        "thinking": (
            "end_turn",
            [
                Block(
                    whole: #"{"type":"thinking","thinking":"Let me think.","signature":"EqQB+/="}"#,
                    shell: #"{"type":"thinking","thinking":"","signature":""}"#,
                    deltas: [
                        #"{"type":"thinking_delta","thinking":"Let me "}"#,
                        #"{"type":"thinking_delta","thinking":"think."}"#,
                        #"{"type":"signature_delta","signature":"EqQB+/="}"#,
                    ]
                ),
                Block(
                    whole: #"{"type":"redacted_thinking","data":"zzz"}"#,
                    shell: #"{"type":"redacted_thinking","data":"zzz"}"#
                ), .text("42"),
            ]
        ),
        "citations": (
            "end_turn",
            [
                Block(
                    whole: #"{"type":"text","text":"cited","citations":[\#(citation),\#(citation)]}"#,
                    shell: #"{"type":"text","text":"","citations":[]}"#,
                    deltas: [
                        #"{"type":"citations_delta","citation":\#(citation)}"#,
                        #"{"type":"text_delta","text":"cited"}"#,
                        #"{"type":"citations_delta","citation":\#(citation)}"#,
                    ]
                )
            ]
        ),
        "prefill": ("stop_sequence", [.text("\\\"key\\\": 1}")]),
        "search": (
            "end_turn",
            [
                .tool("server_tool_use", "web_search", #"{"query":"q"}"#, #"{\"query\":\"q\"}"#),
                Block(whole: result, shell: result), .text("found"),
            ]
        ),
        "length": ("max_tokens", [.text("cut")]),
        "pause": ("pause_turn", [.text("a moment")]),
        "refusal": ("refusal", [.text("no")]),
    ]

    private static let usage =
        #""input_tokens":12,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":0},"service_tier":"standard""#

    private static func message(_ content: String, _ reason: String, _ sequence: String, tokens: Int) -> String {
        #"{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet","content":\#(content),"stop_reason":\#(reason),"stop_sequence":\#(sequence),"usage":{\#(usage),"output_tokens":\#(tokens)}}"#
    }

    static func event(_ data: String) -> String {
        let type = data.dropFirst(#"{"type":""#.count).prefix { $0 != "\"" }
        return "event: \(type)\ndata: \(data)\n\n"
    }

    /// The whole answer as JSON.
    static func whole(_ question: String) -> String {
        let (reason, blocks) = answers[question] ?? ("end_turn", [.text("one", " two", " three")])
        return whole(reason, blocks)
    }

    /// A whole answer of these blocks as JSON.
    static func whole(_ reason: String, _ blocks: [Block]) -> String {
        let sequence = reason == "stop_sequence" ? #""}""# : "null"
        return message("[\(blocks.map(\.whole).joined(separator: ","))]", "\"\(reason)\"", sequence, tokens: 9)
    }

    /// The events of the answer, each by itself.
    static func events(_ question: String) -> [String] {
        let (reason, blocks) = answers[question] ?? ("end_turn", [.text("one", " two", " three")])
        return events(reason, blocks)
    }

    /// The events of an answer of these blocks, each by itself.
    static func events(_ reason: String, _ blocks: [Block]) -> [String] {
        let sequence = reason == "stop_sequence" ? #""}""# : "null"
        var events = [
            event(#"{"type":"message_start","message":\#(message("[]", "null", "null", tokens: 1))}"#),
            event(#"{"type": "ping"}"#),
        ]
        for (index, block) in blocks.enumerated() {
            events.append(event(#"{"type":"content_block_start","index":\#(index),"content_block":\#(block.shell)}"#))
            for delta in block.deltas {
                events.append(event(#"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#))
            }
            events.append(event(#"{"type":"content_block_stop","index":\#(index)   }"#))
        }
        events.append(
            event(
                #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)","stop_sequence":\#(sequence)},"usage":{"output_tokens":9}}"#
            )
        )
        return events + [event(#"{"type":"message_stop"           }"#)]
    }

    /// Answers in the form that is asked for, what the first message of the request asks for.
    static let script: RecordingUpstream.Script = { request, _ in
        if request.uri.hasSuffix("/count_tokens") { return .json(#"{"input_tokens":14}"#) }
        let question = request.json["messages"][0]["content"].string ?? ""
        let headers = [("request-id", "req_upstream")]
        guard request.json["stream"].bool == true else { return .json(whole(question), headers: headers) }
        return stream(events(question).joined(), headers)
    }

    static func stream(_ text: String, _ headers: [(String, String)] = []) -> Answer {
        Answer(
            headers: [("content-type", "text/event-stream; charset=utf-8")] + headers,
            body: .bytes(Array(text.utf8))
        )
    }
}

extension GatewayProcess {
    /// Asks for a message.
    func message(
        _ question: String,
        _ members: String = "",
        model: String = "claude",
        path: String = "/v1/messages",
        headers: [String: String] = [:]
    ) async throws -> Response {
        let more = members.isEmpty ? "" : ",\(members)"
        return try await post(
            path,
            #"{"model":"\#(model)","max_tokens":64,"messages":[{"role":"user","content":"\#(question)"}]\#(more)}"#,
            headers: ["anthropic-version": "2023-06-01"].merging(headers) { $1 }
        )
    }
}
