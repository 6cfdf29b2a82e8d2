import Testing

@Suite("The choice of a deployment", .timeLimit(.minutes(1)))
struct DeploymentChoiceTests {
    private static func configuration(_ settings: String, _ first: String = "", _ second: String = "") -> String {
        """
        model_list:
          - {model_name: m, litellm_params: {model: openai/one, api_base: UPSTREAM/v1, api_key: k\(first)}, model_info: {id: dep-1}}
          - {model_name: m, litellm_params: {model: openai/two, api_base: UPSTREAM/v1, api_key: k\(second)}}
        router_settings: \(settings)

        """
    }

    @Test("falls on the first in the order, and on the next where that one fails")
    func order() async throws {
        let configuration = Self.configuration("{num_retries: 1}", ", order: 2", ", order: 1")
        try await withGateway(configuration) { gateway, upstream async throws in
            for _ in 0..<8 { #expect(try await gateway.chat("hello", model: "m").status == 200) }
            #expect(Set(upstream.requests.map { $0.json["model"].string }) == ["two"])
            upstream.answer { request, _ in request.json["model"].string == "two" ? .failure(500) : .chat("one") }
            #expect(try await gateway.chat("hello", model: "m").status == 200)
            #expect(upstream.requests.suffix(2).map { $0.json["model"].string } == ["two", "one"])
        }
    }

    @Test("leaves out one that rests, after as many failures and as long as the configuration says")
    func cooldown() async throws {
        let settings = "{num_retries: 0, allowed_fails: 0, cooldown_time: 600}"
        try await withGateway(Self.configuration(settings, ", order: 1", ", order: 2")) {
            gateway,
            upstream async throws in
            upstream.answer { request, _ in request.json["model"].string == "one" ? .failure(500) : .chat("two") }
            #expect(try await gateway.chat("hello", model: "m").status == 500)
            for _ in 0..<4 { #expect(try await gateway.chat("hello", model: "m").status == 200) }
            #expect(upstream.requests.count { $0.json["model"].string == "one" } == 1)
        }
    }

    @Test(
        "falls on none that has had its requests of the minute, and where all have, the answer says when to try again"
    )
    func rate() async throws {
        let configuration = Self.configuration("{num_retries: 0}", ", rpm: 1", ", rpm: 2")
        try await withGateway(configuration) { gateway, upstream async throws in
            for _ in 0..<3 { #expect(try await gateway.chat("hello", model: "m").status == 200) }
            #expect(upstream.requests.count { $0.json["model"].string == "one" } == 1)
            let refused = try await gateway.chat("hello", model: "m")
            #expect(refused.status == 429)
            #expect(refused.json["error"]["code"].string == "rate_limit_exceeded")
            let seconds = try #require(refused["retry-after"].flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            #expect(upstream.calls == 3)
        }
    }

    @Test("falls on the one with the fewest requests under way")
    func leastBusy() async throws {
        let configuration = Self.configuration("{routing_strategy: least-busy}")
            .replacing("model_name: m,", with: "model_name: gpt-3.5-turbo,")
        try await withGateway(configuration) { gateway, upstream async throws in
            let streams = (0..<4).map { _ in ControlledStream() }
            upstream.answer { _, number in .events(streams[(number - 1) % 4]) }
            var connections: [Connection] = []
            for number in 1...4 {
                connections.append(try await gateway.asking("\(number)", #""stream":true"#))
                try await upstream.arrival(of: number)
            }
            #expect(upstream.requests.count { $0.json["model"].string == "one" } == 2)
            for stream in streams { stream.finish() }
        }
    }
}
