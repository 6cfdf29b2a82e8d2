import Testing

@Suite("azure_ad_token", .timeLimit(.minutes(1)))
struct AzureTokenTests {
    private static let configuration = """
        model_list:
          - model_name: own
            litellm_params: {model: azure/own, api_base: UPSTREAM, azure_ad_token: os.environ/TOKEN}
          - model_name: both
            litellm_params: {model: azure/both, api_base: UPSTREAM, azure_ad_token: ad-2, api_key: sk-2}
          - model_name: key
            litellm_params: {model: azure/key, api_base: UPSTREAM, api_key: sk-3}
          - model_name: shared
            litellm_params: {model: azure/shared, api_base: UPSTREAM}
        general_settings: {default_deployment: own}

        """

    @Test("is sent in place of a key, also with what is passed on, and is not shown")
    func token() async throws {
        let environment = ["TOKEN": "ad-1", "AZURE_AD_TOKEN": "ad-4"]
        try await withGateway(Self.configuration, environment: environment) { gateway, upstream async throws in
            upstream.answer { request, number in
                request.method == "POST" ? Answer.standard(request, number) : .json("{}")
            }
            for (model, token) in [("own", "ad-1"), ("both", "ad-2"), ("shared", "ad-4")] {
                #expect(try await gateway.chat("hi", model: model).status == 200)
                let request = try #require(upstream.requests.last)
                #expect(request.uri.hasPrefix("/openai/deployments/\(model)/chat/completions?api-version="))
                #expect(request["authorization"] == "Bearer \(token)" && request["api-key"] == nil, "\(model)")
            }
            #expect(try await gateway.get("/v1/files").status == 200)
            let passed = try #require(upstream.requests.last)
            #expect(passed["authorization"] == "Bearer ad-1" && passed["api-key"] == nil)
            let info = try await gateway.get("/v1/model/info").text
            for token in ["ad-1", "ad-2", "ad-4"] { #expect(!info.contains(token) && !gateway.log.contains(token)) }
        }
    }

    @Test("does not hide a model's own key where only the environment has one")
    func ownKey() async throws {
        let environment = ["TOKEN": "ad-1", "AZURE_AD_TOKEN": "ad-4"]
        try await withGateway(Self.configuration, environment: environment) { gateway, upstream async throws in
            #expect(try await gateway.chat("hi", model: "key").status == 200)
            let request = try #require(upstream.requests.last)
            #expect(request["api-key"] == "sk-3" && request["authorization"] == nil)
        }
    }
}
