import Foundation
import Testing

/// Streams are recorded, replayed, and converted to the other form.
@Suite("Streams in the cache", .timeLimit(.minutes(2)))
struct StreamCacheTests {
    @Test("A stream is answered again with the events that came, and ends with [DONE]")
    func replay() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(Answer.eitherForm)
            let miss = try await gateway.stream("hi")
            #expect(miss.wasForwarded("miss") && miss.streamedContent == "one two three", "\(miss.text)")
            let hit = try await gateway.stream("hi")
            #expect(hit.isHit && hit.body == miss.body, "\(hit.cacheStatus)")
            #expect(hit["content-type"] == miss["content-type"])
            #expect(hit["age"] != nil && hit["x-litellm-cache-key"] != nil)
            #expect(upstream.calls == 1)
        }
    }

    @Test("An answer in one piece is had from a recorded stream, and a stream from an answer in one piece")
    func otherForm() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(Answer.eitherForm)
            _ = try await gateway.stream("first a stream", usage: true)
            let whole = try await gateway.chat("first a stream")
            #expect(whole.isHit && whole.content == "one two three", "\(whole.cacheStatus) \(whole.text)")
            #expect(whole["content-type"] == "application/json")
            #expect(whole.json["object"].string == "chat.completion")
            #expect(whole.json["choices"][0]["finish_reason"].string == "stop")
            #expect(whole.json["usage"]["total_tokens"].int == 37)

            _ = try await gateway.chat("first a whole")
            let stream = try await gateway.stream("first a whole")
            #expect(stream.isHit && stream.streamedContent == "one two three", "\(stream.text)")
            #expect(stream["content-type"] == "text/event-stream" && stream.events.last == "[DONE]")
            #expect(!stream.text.contains("usage"))
            let told = try await gateway.stream("first a whole", usage: true)
            #expect(told.isHit && told.events.dropLast().last?.contains(#""total_tokens":37"#) == true)
            #expect(upstream.calls == 2)
        }
    }

    @Test("The usage is sent to clients that request it, and fetched where the recording does not have it")
    func usage() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(Answer.eitherForm)
            let silent = try await gateway.stream("hi")
            #expect(!silent.text.contains("usage"))
            let asked = try await gateway.stream("hi", usage: true)
            #expect(asked.wasForwarded("miss") && asked.text.contains(#""total_tokens":37"#), "\(asked.cacheStatus)")
            let again = try await gateway.stream("hi", usage: true)
            #expect(again.isHit && again.body == asked.body)
            let without = try await gateway.stream("hi")
            #expect(without.isHit && !without.text.contains("total_tokens") && without.events.last == "[DONE]")
            #expect(upstream.calls == 2)
        }
    }

    static let unfinished = [
        "without [DONE]": Answer.chatStream(["one"], ends: ""),
        "with an error in the middle": Answer.chatStream(
            ["one"],
            ends: "data: {\"error\":{\"message\":\"no\"}}\n\ndata: [DONE]\n\n"
        ),
        "without a reason to finish": Answer(
            headers: [("content-type", "text/event-stream")],
            body: .bytes(Array("data: \(Answer.chunk(#"{"content":"x"}"#))\n\ndata: [DONE]\n\n".utf8))
        ),
        "with an empty reason to finish": Answer(
            headers: [("content-type", "text/event-stream")],
            body: .bytes(Array("data: \(Answer.chunk(#"{"content":"x"}"#, finish: #""""#))\n\ndata: [DONE]\n\n".utf8))
        ),
        "with two members of one name": Answer(
            headers: [("content-type", "text/event-stream")],
            body: .bytes(
                Array(
                    "data: \(Answer.chunk(#"{"content":"x","content":"y"}"#, finish: #""stop""#))\n\ndata: [DONE]\n\n"
                        .utf8
                )
            )
        ),
        "that is no JSON": Answer(
            headers: [("content-type", "text/event-stream")],
            body: .bytes(Array("data: nonsense\n\ndata: [DONE]\n\n".utf8))
        ),
    ]

    @Test("A stream that is not whole is passed on as it is, and not stored", arguments: unfinished)
    func isNotStored(what: String, answer: Answer) async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: answer)
            guard case .bytes(let bytes) = answer.body else { return }
            for calls in 1...2 {
                let response = try await gateway.stream("hi")
                #expect(response.body == bytes && response.wasForwarded("miss"), "\(what): \(response.cacheStatus)")
                #expect(upstream.calls == calls)
            }
        }
    }

    @Test("A stream is passed on and recorded byte for byte, also where a CR comes before its LF")
    func lineEnds() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let first = "data: \(Answer.chunk(#"{"content":"x"}"#, finish: #""stop""#))\r\n\r"
            let second = "\n: comment\r\n\r"
            let third = "\ndata: [DONE]\r\n\r"
            async let answer = gateway.stream("hi")
            try await upstream.arrival(of: 1)
            for part in [first, second, third, "\n"] {
                stream.sendText(part)
                try await Task.sleep(for: .milliseconds(100))
            }
            stream.finish()
            let miss = try await answer
            #expect(miss.text == first + second + third + "\n", "\(miss.text.debugDescription)")
            let hit = try await gateway.stream("hi")
            #expect(hit.isHit && hit.text == first + third + "\n", "\(hit.text.debugDescription)")
        }
    }

    @Test("An answer in one piece whose members' names are escaped is had as a stream too")
    func escapedNames() async throws {
        try await withGateway { gateway, upstream async throws in
            let plain =
                #"{"id":"a","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"words"},"finish_reason":"stop"}]}"#
            upstream.answer(
                with: .json(
                    plain.replacing("choices", with: #"choic\u0065s"#).replacing("\"content", with: #""\u0063ontent"#)
                )
            )
            _ = try await gateway.chat("hi")
            let stream = try await gateway.stream("hi")
            #expect(stream.isHit && stream["content-type"] == "text/event-stream", "\(stream.cacheStatus)")
            #expect(stream.streamedContent == "words" && stream.events.last == "[DONE]")
            #expect(upstream.calls == 1)
        }
    }

    @Test("An answer in one piece with two members of one name, which no stream can be made of, is not stored")
    func repeatedNames() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(
                with: .json(
                    #"{"id":"a","id":"b","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}"#
                )
            )
            for calls in 1...2 {
                #expect(try await gateway.chat("hi").cacheStatus == "gateway; fwd=miss")
                #expect(upstream.calls == calls)
            }
        }
    }

    @Test("A stream that breaks off, or is longer than max_entry_size, is not stored")
    func notStored() async throws {
        try await withGateway(Configurations.cached("type: local\nmax_entry_size: 20KB")) {
            gateway,
            upstream async throws in
            let long = Answer.chatStream(Array(repeating: "word ", count: 500))
            upstream.answer(with: long)
            for _ in 1...2 {
                let response = try await gateway.stream("long")
                #expect(response.events.last == "[DONE]" && response.streamedContent.utf8.count == 2_500)
            }
            #expect(upstream.calls == 2)
            let stream = ControlledStream()
            stream.sendChunk("half")
            upstream.answer(with: .events(stream))
            let connection = try await gateway.connect()
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"cut"}],"stream":true}"#
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
            _ = try await connection.readHead()
            stream.cut()
            // It breaks off for the client too, because the last chunk of a whole answer is never received.
            await #expect(throws: (any Error).self) { while try await connection.readPiece() != nil {} }
            upstream.answer(with: .chatStream(["whole"]))
            #expect(try await gateway.stream("cut").wasForwarded("miss"))
        }
    }

    @Test("A recorded stream is replayed with its gaps where the configuration wants it so")
    func gaps() async throws {
        try await withGateway(Configurations.cached("type: local\nstream_replay: recorded")) {
            gateway,
            upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            async let miss = gateway.stream("slow")
            try await upstream.arrival(of: 1)
            for word in ["a", "b", "c"] {
                stream.sendChunk(word)
                try await Task.sleep(for: .milliseconds(150))
            }
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            stream.finish()
            let first = try await miss
            let began = ContinuousClock.now
            let hit = try await gateway.stream("slow")
            #expect(hit.isHit && hit.body == first.body)
            #expect(ContinuousClock.now - began > .milliseconds(400))
        }
    }

    @Test("The openai package sees the same from a miss, a hit, and both other forms: tools, several choices, usage")
    func openai() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer { request, _ in
                request.json["stream"].bool == true ? Self.richStream : .json(Self.rich)
            }
            let lines = try await Python.run(
                """
                import asyncio, json, openai
                sync = openai.OpenAI(base_url='\(gateway.url)/v1', api_key='x')

                def ask(question, stream):
                    more = dict(stream=True, stream_options={'include_usage': True}) if stream else {}
                    return dict(model='gpt-3.5-turbo', n=2, messages=[{'role': 'user', 'content': question}], **more)

                def whole(answer):
                    return [sorted([c.index, c.message.content, c.finish_reason,
                        [[t.id, t.function.name, t.function.arguments] for t in c.message.tool_calls or []]]
                        for c in answer.choices), answer.usage.total_tokens, answer.id, answer.model]

                def joined(chunks):
                    choices, usage = {}, None
                    for chunk in chunks:
                        if chunk.usage: usage = chunk.usage.total_tokens
                        for c in chunk.choices:
                            text = choices.setdefault(c.index, [c.index, None, None, []])
                            if c.delta.content: text[1] = (text[1] or '') + c.delta.content
                            if c.finish_reason: text[2] = c.finish_reason
                            for t in c.delta.tool_calls or []:
                                while len(text[3]) <= t.index: text[3].append([None, None, ''])
                                call = text[3][t.index]
                                if t.id: call[0] = t.id
                                if t.function.name: call[1] = t.function.name
                                call[2] += t.function.arguments or ''
                    return [sorted(choices.values()), usage, chunks[0].id, chunks[0].model]

                async def later(question, stream):
                    async with openai.AsyncOpenAI(base_url='\(gateway.url)/v1', api_key='x') as client:
                        answer = await client.chat.completions.create(**ask(question, stream))
                        return joined([chunk async for chunk in answer]) if stream else whole(answer)

                for first in [True, False]:
                    for second in [first, True, False]:
                        print(json.dumps(joined(list(sync.chat.completions.create(**ask(f'q{first}', True)))) if second
                            else whole(sync.chat.completions.create(**ask(f'q{first}', False)))))
                    for stream in [True, False]:
                        print(json.dumps(asyncio.run(later(f'q{first}', stream))))
                """
            )
            #expect(lines.count == 10)
            #expect(Set(lines).count == 1, "\(lines.joined(separator: "\n"))")
            #expect(lines.first?.contains("Paris") == true && lines.first?.contains("37") == true)
            #expect(upstream.calls == 2)
        }
    }

    private static let rich =
        #"{"id":"chatcmpl-9","object":"chat.completion","created":1700000000,"model":"gpt-3.5-turbo-0125","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}},{"id":"call_2","type":"function","function":{"name":"time","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"},{"index":1,"message":{"role":"assistant","content":"It rains, grüße 🙂"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}}"#

    private static let richStream: Answer = {
        func chunk(_ choices: String, _ more: String = "") -> String {
            #"data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1700000000,"model":"gpt-3.5-turbo-0125","choices":[\#(choices)]\#(more)}"#
                + "\n\n"
        }
        let events = [
            chunk(#"{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}"#),
            chunk(#"{"index":1,"delta":{"role":"assistant","content":"It "},"finish_reason":null}"#),
            chunk(
                #"{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}"#
            ),
            chunk(#"{"index":1,"delta":{"content":"rains, grüße"},"finish_reason":null}"#),
            chunk(
                #"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}"#
            ),
            chunk(
                #"{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":null}"#
            ),
            chunk(
                #"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Paris\"}"}}]},"finish_reason":null}"#
            ),
            chunk(#"{"index":1,"delta":{"content":" 🙂"},"finish_reason":null}"#),
            chunk(#"{"index":0,"delta":{},"finish_reason":"tool_calls"}"#),
            chunk(#"{"index":1,"delta":{},"finish_reason":"stop"}"#),
            chunk("", #","usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}"#),
            "data: [DONE]\n\n",
        ]
        return Answer(headers: [("content-type", "text/event-stream")], body: .bytes(Array(events.joined().utf8)))
    }()
}
