import Testing

/// Tests of `stream: true`.
@Suite("Streaming", .timeLimit(.minutes(1)))
struct StreamingTests {
    private static let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#

    @Test("Each event reaches the client before the next one is sent")
    func eventByEvent() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.body))
            stream.send(#"{"n":0}"#)
            let head = try await connection.readHead()
            #expect(head.status == 200)
            #expect(head["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(head["content-length"] == nil)
            var events = EventReader(connection)
            #expect(try await events.next() == #"{"n":0}"#)
            for number in 1...20 {
                stream.send(#"{"n":\#(number)}"#)
                #expect(try await events.next() == #"{"n":\#(number)}"#)
            }
            stream.send("[DONE]")
            #expect(try await events.next() == "[DONE]")
            stream.finish()
            #expect(try await events.next() == nil)
        }
    }

    @Test("After a stream the connection serves the next request")
    func keepAlive() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            stream.sendChunk("hello")
            stream.send("[DONE]")
            stream.finish()
            upstream.answer { request, number in number == 1 ? .events(stream) : Answer.standard(request, number) }
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.body))
            #expect(try await connection.readResponse().text.hasSuffix("data: [DONE]\n\n"))
            try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
            #expect(try await connection.readResponse().status == 200)
        }
    }

    @Test("A stream that breaks off is not shown to the client as a complete one")
    func cutOff() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.body))
            stream.sendChunk("half")
            _ = try await connection.readHead()
            var events = EventReader(connection)
            _ = try await events.next()
            stream.cut()
            // The rest is an error event (which the openai package raises) or a body that visibly breaks off, but never
            // [DONE].
            var rest: [String] = []
            var brokeOff = false
            do {
                while let event = try await events.next() { rest.append(event) }
            } catch is HarnessError {
                brokeOff = true
            }
            #expect(brokeOff || rest.contains { $0.contains(#""error""#) })
            #expect(!rest.contains("[DONE]"))
        }
    }

    @Test("An error of the model instead of a stream is passed on as it is")
    func errorInsteadOfStream() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: .failure(400))
            let answer = try await gateway.post("/v1/chat/completions", Self.body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]["code"].string == "upstream_400")
        }
    }

    @Test("A client that goes away in the middle leaves the gateway well")
    func clientLeaves() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.body))
            stream.sendChunk("one")
            _ = try await connection.readHead()
            try await connection.close()
            for _ in 1...100 { stream.sendChunk("more") }
            stream.finish()
            #expect(try await gateway.get("/health/liveliness").status == 200)
        }
    }

    @Test("The mocked model streams too, and ends with [DONE]")
    func mock() async throws {
        let configuration = """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/gpt-3.5-turbo, mock_response: "mocked"}

            """
        try await withGateway(configuration) { gateway, _ async throws in
            let answer = try await gateway.post("/v1/chat/completions", Self.body)
            #expect(answer["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            #expect(answer.text.contains("chat.completion.chunk"))
        }
    }

    @Test(
        "Nothing on the way is to hold back or keep a stream, and what the model's server says of itself stays with it"
    )
    func intermediaries() async throws {
        try await withGateway { gateway, upstream async throws in
            var own = Answer.chatStream(["a"])
            own.headers += [("server", "uvicorn"), ("x-powered-by", "Express"), ("x-kept", "1")]
            upstream.answer(with: own)
            for (question, members) in [("a", ""), ("a", ""), ("b", #""cache":{"no-store":true,"no-cache":true}"#)] {
                let answer = try await gateway.stream(question, members)
                #expect(answer["cache-control"] == "no-cache" && answer["x-accel-buffering"] == "no")
                #expect(answer["server"] == nil && answer["x-powered-by"] == nil)
                #expect(answer["x-kept"] == (answer.isHit ? nil : "1"))
            }
            upstream.answer(with: .chat("whole"))
            let whole = try await gateway.chat("whole")
            #expect(whole["cache-control"] == nil && whole["x-accel-buffering"] == nil)
            var said = Answer.chatStream(["a"])
            said.headers += [("cache-control", "no-store"), ("X-Accel-Buffering", "yes")]
            upstream.answer(with: said)
            let relayed = try await gateway.stream("c")
            #expect(relayed["cache-control"] == "no-store" && relayed["x-accel-buffering"] == "yes")
        }
    }

    @Test("A stream to a client of HTTP/1.0 ends with its connection, although the client would use it again")
    func closesForHTTP10() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            stream.send("[DONE]")
            stream.finish()
            let body = #"{"model":"gpt-4","messages":[],"stream":true,"cache":{"no-cache":true,"no-store":true}}"#
            let connection = try await Connection.open(port: gateway.port)
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let answer = try await connection.readResponse()
            #expect(answer.status == 200 && answer["connection"] == "close", "\(answer.headers)")
            #expect(answer.text.contains("[DONE]"))
        }
    }
}
