import Testing

@Suite("Messages in the cache", .timeLimit(.minutes(2)))
struct MessageCacheTests {
    @Test("are not stored unless they are complete, in either form", arguments: ["", #""stream":true"#])
    func incomplete(form: String) async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            for question in ["pause", "refusal"] {
                for _ in 0..<2 {
                    let answer = try await gateway.message(question, form)
                    #expect(answer.status == 200 && answer.cacheStatus == "gateway; fwd=miss", "\(answer.cacheStatus)")
                }
            }
            #expect(upstream.calls == 4)
        }
    }

    @Test("are streams that arrived to the end, byte for byte, without the pings, whatever their line ends are")
    func streams() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            let events = Claude.events("text")
            let ping = Claude.event(#"{"type":"ping"}"#)
            let sent = Answer.Body.bytes(Array(events.joined(separator: ping).replacing("\n", with: "\r\n").utf8))
            upstream.answer { _, number in
                guard number > 2 else { return Claude.stream(events.dropLast(number).joined()) }
                return Answer(headers: [("content-type", "text/event-stream")], body: sent)
            }
            for _ in 0..<2 {
                let cut = try await gateway.message("cut", #""stream":true"#)
                #expect(!cut.text.contains("message_stop") && !cut.cacheStatus.contains("stored"))
            }
            let first = try await gateway.message("cut", #""stream":true"#)
            #expect(first.text.contains("event: ping\r\n"))
            let second = try await gateway.message("cut", #""stream":true"#)
            let kept = events.filter { !$0.contains("ping") }.joined().replacing("\n", with: "\r\n")
            #expect(second.isHit && second.text == kept)
            #expect(try await gateway.message("cut").json["content"][1]["text"].string == "twice")
            #expect(upstream.calls == 3)
        }
    }

    @Test("whose tool input was cut off by max_tokens are streams alone, until a request for one piece replaces them")
    func cutInput() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            let shell = #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#
            let message = { (content: String, reason: String) in
                #"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[\#(content)],"#
                    + #""stop_reason":\#(reason),"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#
            }
            let whole = message(shell, #""max_tokens""#)
            let delta = #"{"type":"input_json_delta","partial_json":"{\"a\":"}"#
            let end = #"{"stop_reason":"max_tokens","stop_sequence":null}"#
            let stream = [
                #"{"type":"message_start","message":\#(message("", "null"))}"#,
                #"{"type":"content_block_start","index":0,"content_block":\#(shell)}"#,
                #"{"type":"content_block_delta","index":0,"delta":\#(delta)}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":\#(end),"usage":{"output_tokens":1}}"#,
                #"{"type":"message_stop"}"#,
            ].map(Claude.event).joined()
            upstream.answer { request, _ in
                request.text.contains(#""stream":true"#) ? Claude.stream(stream) : .json(whole)
            }
            #expect(try await gateway.message("cut", #""stream":true"#).text == stream)
            #expect(try await gateway.message("cut", #""stream":true"#).isHit)
            let answer = try await gateway.message("cut")
            #expect(answer.wasForwarded("miss") && answer.text == whole)
            #expect(try await gateway.message("cut").isHit)
            // The answer in one piece serves both forms from then on.
            let made = try await gateway.message("cut", #""stream":true"#)
            #expect(made.isHit && made.text.contains("message_stop"))
            #expect(upstream.calls == 2)
        }
    }

    @Test(
        "are none of requests that do more than to ask, and say why",
        arguments: [
            (#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#, "tool"),
            (#""tools":[{"type":"code_execution_20250825","name":"code_execution"}]"#, "tool"),
            (#""mcp_servers":[{"type":"url","url":"http://h","name":"n"}]"#, "tool"),
            (#""container":"c""#, "stateful"), (#""fallbacks":[{"model":"x"}]"#, "one-off"),
        ]
    )
    func bypassed(members: String, detail: String) async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            for _ in 0..<2 {
                let answer = try await gateway.message("text", members)
                #expect(answer.cacheStatus == "gateway; fwd=bypass; detail=\(detail)")
            }
            #expect(upstream.requests.last?.text.contains(members) == true)
            let warming = try await gateway.post(
                "/v1/messages",
                #"{"model":"claude","max_tokens":0,"messages":[]}"#
            )
            #expect(warming.cacheStatus == "gateway; fwd=bypass; detail=max_tokens")
        }
    }

    @Test("may be answers with tools that the configuration allows")
    func allowed() async throws {
        try await withGateway(Claude.configuration("type: local\ncache_tools: [web_search]")) {
            gateway,
            upstream async throws in
            upstream.answer(Claude.script)
            let search = #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#
            _ = try await gateway.message("search", search)
            #expect(try await gateway.message("search", search).isHit)
        }
    }

    @Test("that fail in a stream nobody asked for are the error with the status that it has outside a stream")
    func failedStream() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            let error = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
            upstream.answer(with: Claude.stream(Claude.events("text").prefix(4).joined() + Claude.event(error)))
            let answer = try await gateway.message("text")
            #expect(answer.status == 529 && answer.text == error, "\(answer.text)")
        }
    }

    @Test("have a key of their own at the provider, and its chat has another")
    func chat() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            _ = try await gateway.message("text", path: "/anthropic/v1/messages?beta=true")
            _ = try await gateway.chat("hello", model: "claude")
            #expect(upstream.requests.map(\.uri) == ["/v1/messages", "/v1/chat/completions"])
            #expect(upstream.requests.map { $0["x-api-key"] } == ["sk-upstream", nil])
            #expect(upstream.requests.map { $0["authorization"] } == [nil, "Bearer sk-upstream"])
        }
    }

    @Test("in batches are passed on with the provider's key, and what cannot be passed on is an error of Anthropic's")
    func batches() async throws {
        let configuration = Claude.configuration() + "general_settings:\n  default_deployment: claude\n"
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: .json(#"{"data":[]}"#))
            for path in ["/v1/messages/batches?limit=2", "/anthropic/v1/messages/batches?limit=2"] {
                let answer = try await gateway.get(path, headers: ["anthropic-version": "2023-06-01"])
                #expect(answer.status == 200 && answer.cacheStatus == "gateway; fwd=bypass")
            }
            for request in upstream.requests {
                #expect(request.method == "GET" && request.uri == "/v1/messages/batches?limit=2")
                #expect(request["x-api-key"] == "sk-upstream" && request["anthropic-version"] == "2023-06-01")
            }
            #expect(upstream.calls == 2)
        }
        try await withGateway(Claude.configuration()) { gateway, _ async throws in
            let answer = try await gateway.get("/v1/messages/batches")
            #expect(answer.status == 404 && answer.json["type"].string == "error")
            #expect(answer.json["error"]["type"].string == "not_found_error" && answer["request-id"] != nil)
        }
    }

    @Test("are served past their time to live when the model is overloaded (529)")
    func overloaded() async throws {
        let cache = "type: local\nttl: 1\nstale_if_error: 60"
        try await withGateway(Claude.configuration(cache)) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let first = try await gateway.message("text")
            try await Task.sleep(for: .milliseconds(1_500))
            let error = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
            upstream.answer(with: .json(error, status: 529, headers: [("retry-after", "0")]))
            let stale = try await gateway.message("text")
            #expect(stale.isHit && stale.body == first.body, "\(stale.cacheStatus)")
            #expect(upstream.calls == 4, "it is tried again first")
            let other = try await gateway.message("tools")
            #expect(other.status == 529 && other.text == error)
        }
    }
}

extension OneAtATime {
    @Suite("A thousand identical requests for a message", .timeLimit(.minutes(5)))
    struct ThousandMessageTests {
        @Test("at once, half of them streams, are one call to the model")
        func thousand() async throws {
            try await withGateway(Claude.configuration()) { gateway, upstream async throws in
                let answers = try await Crowd.thousand(at: upstream, answering: Claude.script) { isStream in
                    try await gateway.message("all at once", isStream ? #""stream":true"# : "")
                }
                #expect(upstream.calls == 1 && answers.count == 1_000)
                for answer in answers {
                    let isStream = answer["content-type"]?.hasPrefix("text/event-stream") == true
                    let isWhole =
                        isStream
                        ? answer.text.contains("event: message_start\n")
                            && answer.text.contains("event: message_stop\n")
                        : answer.json["content"][0]["text"].string == "one two three"
                    #expect(answer.status == 200 && isWhole, "\(answer.text)")
                }
            }
        }
    }
}
