import Testing

@Suite("A parameter in litellm_params", .timeLimit(.minutes(1)))
struct DefaultParameterTests {
    private static let configuration = """
        model_list:
          - model_name: calm
            litellm_params:
              model: openai/gpt
              api_base: UPSTREAM/v1
              api_key: k
              temperature: 0.25
              max_tokens: 64
              response_format: {type: json_object}
              extra_body: {chat_template_kwargs: {enable_thinking: false}}
        litellm_settings:
          cache: True
          cache_params: {type: local}

        """

    @Test(
        "is sent to the model where the client does not set it, and the cache knows the request by what the client sent"
    )
    func sent() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello", model: "calm")
            _ = try await gateway.chat("hello", model: "calm", #""temperature":1,"max_completion_tokens":5"#)
            let first = try #require(upstream.requests.first)
            #expect(first.json["temperature"].double == 0.25)
            #expect(first.json["max_tokens"].int == 64)
            #expect(first.json["response_format"]["type"].string == "json_object")
            #expect(first.json["chat_template_kwargs"]["enable_thinking"].bool == false)
            #expect(first.json["model"].string == "gpt")
            let second = try #require(upstream.requests.last)
            #expect(second.json["temperature"].int == 1)
            #expect(!second.json["max_tokens"].exists)
            let again = try await gateway.chat("hello", model: "calm")
            #expect(again["cache-status"]?.contains("hit") == true)
            #expect(upstream.calls == 2)
        }
    }
}
