import Foundation
import Testing

@Suite("The spans of a request", .timeLimit(.minutes(1)))
struct SpanTests {
    /// Runs `body` with a gateway that exports its spans.
    private func withTraces(
        _ configuration: String = Configurations.local,
        _ body: (GatewayProcess, RecordingUpstream, Collector) async throws -> Void
    ) async throws {
        let collector = try await Collector.start()
        try await withGateway(configuration, environment: collector.environment) { gateway, upstream async throws in
            try await body(gateway, upstream, collector)
        }
    }

    @Test("that goes to the model are the request, the look-up and the call, with the GenAI conventions")
    func miss() async throws {
        let before = Date.now.timeIntervalSince1970
        try await withTraces(Configurations.authenticated) { gateway, upstream, collector async throws in
            let answer = try await gateway.chat(
                "a secret question",
                headers: ["Authorization": "Bearer sk-master", "x-request-id": "mine"]
            )
            #expect(answer.status == 200)
            let spans = try await collector.spans(3)
            let server = try #require(spans.server)
            #expect(server.name == "POST /v1/chat/completions" && server.parent.isEmpty)
            #expect(server["http.request.method"].string == "POST")
            #expect(server["http.route"].string == "/v1/chat/completions")
            #expect(server["http.response.status_code"].int == 200)
            #expect(server["gateway.request.id"].string == "mine" && server["gateway.key.name"].string == "master")
            #expect(server["gateway.model"].string == "gpt-3.5-turbo")
            #expect(server["gateway.cache.status"].string == "miss")
            #expect(server["gateway.cache.reason"].string == "absent")
            #expect(server["gateway.cache.stored"].bool == true)
            #expect(!server["gateway.cache.saved_input_tokens"].exists && !server.failed)
            let lookup = try #require(spans.named("cache lookup"))
            #expect(lookup.parent == server.id && lookup["gateway.cache.status"].string == "miss")
            let client = try #require(spans.client)
            #expect(client.name == "chat gpt-3.5-turbo-0125" && client.parent == server.id)
            #expect(client["gen_ai.operation.name"].string == "chat")
            #expect(client["gen_ai.provider.name"].string == "openai")
            #expect(client["gen_ai.request.model"].string == "gpt-3.5-turbo-0125")
            #expect(client["server.address"].string == "127.0.0.1" && client["server.port"].int == upstream.port)
            #expect(client["http.response.status_code"].int == 200 && !client["error.type"].exists)
            #expect(client["gen_ai.usage.input_tokens"].int == 13)
            #expect(client["gen_ai.usage.output_tokens"].int == 24)
            #expect(!client["gen_ai.usage.cache_read.input_tokens"].exists)
            // The call is within the request, and both are within the test.
            #expect(server.times.lowerBound <= client.times.lowerBound + 0.001)
            #expect(client.times.upperBound <= server.times.upperBound + 0.001)
            #expect(server.times.lowerBound > before - 1 && server.times.upperBound < before + 60)
            #expect(server.json["resource"]["service.name"].string == "gateway")
            let everything = spans.map(\.json.description).joined()
            #expect(!everything.contains("secret") && !everything.contains("answer 1"))
            #expect(!everything.contains("sk-"))
        }
    }

    @Test("that is answered from the cache have no call, and nothing of the GenAI conventions")
    func hit() async throws {
        try await withTraces { gateway, _, collector async throws in
            _ = try await gateway.chat("hello")
            let miss = try await collector.spans(3)
            #expect(miss.filter(\.isClient).count == 1)
            #expect(try await gateway.chat("hello").isHit)
            let hit = try await collector.spans(5).filter { $0.trace != miss[0].trace }
            #expect(Set(hit.map(\.name)) == ["POST /v1/chat/completions", "cache lookup"])
            let server = try #require(hit.server)
            #expect(server["gateway.cache.status"].string == "hit" && server["gateway.cache.reason"].string == "hit")
            #expect(server["gateway.cache.age"].int == 0)
            #expect(server["gateway.cache.saved_input_tokens"].int == 13)
            #expect(server["gateway.cache.saved_output_tokens"].int == 24)
            #expect(!hit.contains { span in span.attributes.names.contains { $0.hasPrefix("gen_ai") } })
        }
    }

    @Test("count what a provider had in its own cache as the provider's, in the call that asked for it alone")
    func providersCache() async throws {
        try await withTraces { gateway, upstream, collector async throws in
            upstream.answer(
                with: .json(
                    #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":"#
                        + #"{"role":"assistant","content":"hello"},"logprobs":null,"finish_reason":"stop"}],"usage":"#
                        + #"{"prompt_tokens":1300,"completion_tokens":24,"total_tokens":1324,"#
                        + #""prompt_tokens_details":{"cached_tokens":1024}}}"#
                )
            )
            for _ in 0..<2 { #expect(try await gateway.chat("hello").status == 200) }
            let spans = try await collector.spans(5)
            let counts = spans.map { $0["gen_ai.usage.cache_read.input_tokens"].int }.compactMap(\.self)
            #expect(counts == [1024] && spans.client?["gen_ai.usage.input_tokens"].int == 1300)
        }
    }

    @Test("that follow another one's call have a link to it, and no call of their own")
    func followers() async throws {
        try await withTraces { gateway, upstream, collector async throws in
            let gate = Gate()
            upstream.answer { _, _ in
                var answer = Answer.chat("shared")
                answer.gate = gate
                return answer
            }
            let leader = try await gateway.asking("hello")
            try await upstream.arrival(of: 1)
            let follower = try await gateway.asking("hello")
            gate.open()
            for connection in [leader, follower] { #expect(try await connection.readResponse().status == 200) }
            let spans = try await collector.spans(5)
            let client = try #require(spans.client)
            #expect(spans.filter(\.isClient).count == 1)
            let servers = spans.filter(\.isServer)
            let leading = try #require(servers.filter { $0.id == client.parent }.first)
            let following = try #require(servers.filter { $0.id != client.parent }.first)
            #expect(following["gateway.cache.collapsed"].bool == true)
            #expect(following["gateway.cache.saved_input_tokens"].int == 13)
            #expect(!leading["gateway.cache.collapsed"].exists)
            #expect(following.json["links"].array.map(\.string) == [leading.id] && following.trace != leading.trace)
        }
    }

    @Test("that is streamed say so, and how long the model took to begin")
    func stream() async throws {
        try await withTraces { gateway, upstream, collector async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.asking("hello", #""stream":true"#)
            try await upstream.arrival(of: 1)
            stream.sendChunk("one")
            stream.send("[DONE]")
            stream.finish()
            #expect(try await connection.readResponse().status == 200)
            let spans = try await collector.spans(3)
            let client = try #require(spans.client)
            #expect(client["gen_ai.request.stream"].bool == true)
            #expect((client["gen_ai.response.time_to_first_chunk"].double ?? -1) >= 0)
            #expect(spans.first(where: \.isServer)?["gateway.stream"].bool == true)
        }
    }

    @Test("have one for each attempt, with what went wrong; the last one has the answer")
    func retries() async throws {
        try await withTraces { gateway, upstream, collector async throws in
            upstream.answer { _, number in number == 1 ? .failure(500) : .chat("at last") }
            #expect(try await gateway.chat("hello").status == 200)
            let clients = try await collector.spans(4).filter(\.isClient)
            #expect(clients.map { $0["http.response.status_code"].int } == [500, 200])
            #expect(clients.map { $0["error.type"].string } == ["500", nil] && clients.map(\.failed) == [true, false])
            #expect(clients.map { $0["http.request.resend_count"].int } == [nil, 1])
            #expect(Set(clients.map(\.id)).count == 2 && Set(clients.map(\.parent)).count == 1)
            #expect(upstream.requests.map { $0["traceparent"]?.split(separator: "-")[2] } == clients.map { $0.id[...] })
        }
    }

    @Test("have one for each model that was asked in place of another, and say why a request failed")
    func fallbacks() async throws {
        let configuration = """
            model_list:
              - {model_name: small, litellm_params: {model: openai/small, api_base: UPSTREAM/v1, api_key: k}}
              - {model_name: large, litellm_params: {model: openai/large, api_base: UPSTREAM/v1, api_key: k}}
            litellm_settings: {num_retries: 0, fallbacks: [{small: [large]}]}
            """
        try await withTraces(configuration) { gateway, upstream, collector async throws in
            upstream.answer { _, _ in Answer(body: .hangUp) }
            #expect(try await gateway.chat("hello", model: "small").status == 502)
            let spans = try await collector.spans(3)
            let clients = spans.filter(\.isClient)
            #expect(clients.map(\.name) == ["chat small", "chat large"])
            #expect(clients.allSatisfy { $0.failed && $0["error.type"].string == "closed_early" })
            let server = try #require(spans.server)
            #expect(server.failed && server["error.type"].string == "502")
        }
    }

    @Test("of probes are not exported, and those of a wrong path and a refused key are")
    func others() async throws {
        try await withTraces(Configurations.authenticated) { gateway, _, collector async throws in
            _ = try await gateway.get("/health/readiness")
            #expect(try await gateway.get("/nowhere", headers: ["Authorization": "Bearer sk-master"]).status == 404)
            #expect(try await gateway.chat("hello", headers: ["Authorization": "Bearer sk-wrong"]).status == 401)
            let spans = try await collector.spans(2)
            #expect(spans.map { $0["http.response.status_code"].int } == [404, 401])
            #expect(spans.map(\.name) == ["GET", "POST /v1/chat/completions"])
        }
    }

    @Test("of a call that goes on after its client has left are exported when the call ends")
    func abandoned() async throws {
        try await withTraces(Configurations.cached("type: local\non_disconnect: finish")) {
            gateway,
            upstream,
            collector async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.asking("hello", #""stream":true"#)
            try await upstream.arrival(of: 1)
            stream.sendChunk("one")
            _ = try await connection.readHead()
            try await connection.close()
            // The gateway notices when it sends more.
            try await eventually("the request has ended") {
                stream.sendChunk("more")
                return !collector.requests.isEmpty
            }
            let request = try await collector.spans(2)
            let server = try #require(request.server)
            #expect(server["error.type"].string == "client_gone" && request.client == nil)
            stream.send("[DONE]")
            stream.finish()
            let all = try await collector.spans(3)
            let client = try #require(all.client)
            #expect(client.parent == server.id && client["http.response.status_code"].int == 200)
        }
    }
}
