import Testing

@Suite("A header of the client", .timeLimit(.minutes(1)))
struct ClientHeaderTests {
    @Test("goes to the model where the configuration says so, and is then a part of what makes a request the same")
    func forwarded() async throws {
        let configuration = Configurations.local + "general_settings: {forward_client_headers_to_llm_api: true}\n"
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat(
                "hello",
                headers: ["X-Team": "a", "X-Stainless-Lang": "python", "Cookie": "c=1"]
            )
            let sent = try #require(upstream.requests.first)
            #expect(sent["x-team"] == "a")
            #expect(sent["x-stainless-lang"] == nil && sent["cookie"] == nil)
            #expect(sent["authorization"] == "Bearer sk-upstream")
            _ = try await gateway.chat("hello", headers: ["x-team": "b"])
            #expect(upstream.calls == 2)
            let hit = try await gateway.chat("hello", headers: ["x-team": "a", "X-Stainless-Lang": "js"])
            #expect(hit["cache-status"]?.contains("hit") == true)
            #expect(upstream.calls == 2)
        }
    }

    @Test("stays here otherwise")
    func kept() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello", headers: ["X-Team": "a"])
            #expect(upstream.requests.first?["x-team"] == nil)
            let hit = try await gateway.chat("hello", headers: ["X-Team": "b"])
            #expect(hit["cache-status"]?.contains("hit") == true)
        }
    }
}
