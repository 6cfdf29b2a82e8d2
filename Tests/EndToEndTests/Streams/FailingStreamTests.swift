import Testing

/// Streams that fail or break off, and the requests in one piece that follow them.
@Suite("Streams that fail", .timeLimit(.minutes(2)))
struct FailingStreamTests {
    private static let request = GatewayProcess.request(
        "POST",
        "/v1/chat/completions",
        #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
    )

    /// Starts a stream that leads, lets a request in one piece follow it, and then does what `rest` says.
    private func follow(
        _ gateway: GatewayProcess,
        _ upstream: RecordingUpstream,
        whole: Answer = .chat("alone"),
        _ rest: (ControlledStream) -> Void
    ) async throws -> Response {
        let stream = ControlledStream()
        upstream.answer { request, _ in request.json["stream"].bool == true ? .events(stream) : whole }
        let leader = try await gateway.connect()
        try await leader.send(Self.request)
        stream.sendChunk("half")
        _ = try await leader.readHead()
        let follower = try await gateway.asking("hi")
        rest(stream)
        return try await follower.readResponse()
    }

    @Test(
        "A request in one piece that follows a stream gets the error of an event, with its status",
        arguments: [
            (#"{"error":{"message":"too busy","type":"rate_limit_error","code":429}}"#, 429),
            (#"{"error":{"message":"too busy","code":"503"}}"#, 503),
            (#"{"error":{"message":"too busy","type":"server_error","param":null,"code":null}}"#, 500),
            (#"{"error":{"message":"too busy"}}"#, 502),
            (#"{"error":"too busy"}"#, 502),
            (
                #"{"id":"1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"#
                    + #""error":{"code":502,"message":"too busy"}}"#, 502
            ),
        ],
        [true, false]
    )
    func errorEvent(event: (data: String, status: Int), isDone: Bool) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await follow(gateway, upstream) { stream in
                stream.send(event.data)
                if isDone { stream.send("[DONE]") }
                stream.finish()
            }
            #expect(answer.status == event.status, "\(answer.text)")
            #expect(answer["content-type"]?.hasPrefix("application/json") == true)
            #expect(answer.json["error"]["message"].string == "too busy", "\(answer.text)")
            #expect(answer.json["choices"].array.isEmpty)
            #expect(answer.cacheStatus == "gateway; fwd=miss; collapsed")
            #expect(upstream.calls == 1)
        }
    }

    @Test(
        "A request in one piece that follows a stream which ends early gets 502, as where the connection breaks",
        arguments: [
            "ends", "breaks", "ends without [DONE]", "is done without a reason to finish", "is no JSON in part",
        ]
    )
    func endsEarly(how: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await follow(gateway, upstream) { stream in
                switch how {
                case "breaks": return stream.cut()
                case "ends without [DONE]": stream.send(Answer.chunk("{}", finish: #""stop""#))
                case "is done without a reason to finish": stream.send("[DONE]")
                case "is no JSON in part": stream.send("nonsense")
                default: break
                }
                stream.finish()
            }
            #expect(answer.status == 502, "\(answer.text)")
            #expect(answer.json["error"]["type"].string == "upstream_error")
            #expect(answer.json["choices"].array.isEmpty)
            #expect(upstream.calls == 1)
        }
    }

    @Test(
        "A request in one piece that follows a stream which cannot be assembled gets an answer of its own",
        arguments: [
            Answer.chunk(#"{"content":"a","content":"b"}"#), Answer.chunk(#"{"content":"\ud83d"}"#), "nonsense",
        ]
    )
    func notConvertible(event: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await follow(gateway, upstream) { stream in
                stream.send(event)
                stream.send(Answer.chunk("{}", finish: #""stop""#))
                stream.send("[DONE]")
                stream.finish()
            }
            #expect(answer.status == 200 && answer.content == "alone", "\(answer.status) \(answer.text)")
            #expect(answer.cacheStatus == "gateway; fwd=miss")
            #expect(upstream.calls == 2)
        }
    }

    @Test(
        "A connection that breaks behind [DONE] harms nobody, with a cache and without",
        arguments: [Configurations.local, Configurations.uncached],
        ["data: [DONE]\n\n", "data: [DONE]\r\n\r\n", "data: [DONE]"]
    )
    func breaksBehindTheEnd(configuration: String, done: String) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let client = try await gateway.connect()
            try await client.send(Self.request)
            stream.sendChunk("whole")
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.sendText(done)
            var response = try await client.readHead()
            try await Task.sleep(for: .milliseconds(200))
            stream.cut()
            while let piece = try await client.readPiece() { response.body += piece }
            #expect(response.text.hasSuffix(done), "\(response.text)")
            #expect(response.streamedContent == "whole" && !response.text.contains("error"))
            guard configuration == Configurations.local else { return }
            #expect(try await gateway.stream("hi").isHit)
        }
    }

    @Test("The openai package reads such a stream to its end without an exception")
    func openai() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            stream.sendChunk("whole")
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            let cut = Task {
                try await upstream.arrival(of: 1)
                try await Task.sleep(for: .milliseconds(300))
                stream.cut()
            }
            let lines = try await Python.run(
                """
                import openai
                client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key='x', max_retries=0)
                stream = client.chat.completions.create(model='gpt-3.5-turbo', stream=True,
                    messages=[{'role': 'user', 'content': 'hi'}])
                print(''.join(chunk.choices[0].delta.content or '' for chunk in stream))
                for _ in stream.response.iter_bytes() if not stream.response.is_stream_consumed else []: pass
                """
            )
            try await cut.value
            #expect(lines == ["whole"])
        }
    }
}
