import Testing

@Suite("A provider that speaks OpenAI's protocol", .timeLimit(.minutes(1)))
struct ProviderTests {
    @Test("is asked at the address and with the key that its own variables name")
    func variables() async throws {
        let configuration = """
            model_list:
              - {model_name: fast, litellm_params: {model: cerebras/llama-3.3-70b}}
              - {model_name: far, litellm_params: {model: some/model, custom_llm_provider: vercel_ai_gateway}}

            """
        try await withGateway(
            configuration,
            environment: [
                "CEREBRAS_API_BASE": "UPSTREAM/c/v1", "CEREBRAS_API_KEY": "ck",
                "VERCEL_AI_GATEWAY_API_BASE": "UPSTREAM/v", "VERCEL_OIDC_TOKEN": "vk",
            ]
        ) { gateway, upstream async throws in
            #expect(try await gateway.chat("hello", model: "fast").status == 200)
            #expect(try await gateway.chat("hello", model: "far").status == 200)
            #expect(upstream.requests.map(\.uri) == ["/c/v1/chat/completions", "/v/chat/completions"])
            #expect(upstream.requests.map { $0.json["model"].string } == ["llama-3.3-70b", "some/model"])
            #expect(upstream.requests.map { $0["authorization"] } == ["Bearer ck", "Bearer vk"])
        }
    }
}
