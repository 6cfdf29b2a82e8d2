import Testing

@Suite("An answer says who made it")
struct ProducerTests {
    private static let configuration = """
        model_list:
          - model_name: gpt-4
            litellm_params: {model: openai/gpt-4, api_key: sk-upstream, api_base: "UPSTREAM/v1?token=secret"}
            model_info: {id: first-deployment}
        litellm_settings: {cache: true, cache_params: {type: local}}
        """

    /// The fields that say who made an answer, and what it cost.
    private func fields(_ answer: Response) -> [String?] {
        [
            answer["x-litellm-model-id"], answer["x-litellm-model-api-base"], answer["x-litellm-response-cost"],
        ]
    }

    @Test(
        "A miss has the deployment's id and base URL without its query, and a hit costs nothing",
        arguments: [
            ("/v1/chat/completions", #"{"model":"gpt-4","messages":[]}"#),
            ("/v1/chat/completions", #"{"model":"gpt-4","messages":[],"stream":true}"#),
            ("/v1/embeddings", #"{"model":"gpt-4","input":"hello"}"#),
        ]
    )
    func missAndHit(path: String, body: String) async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let made = ["first-deployment", "http://127.0.0.1:\(upstream.port)/v1", nil]
            let miss = try await gateway.post(path, body)
            #expect(fields(miss) == made)
            #expect(miss["x-litellm-call-id"] == miss["x-request-id"] && miss["x-request-id"] != nil)
            let hit = try await gateway.post(path, body)
            #expect(hit.isHit && fields(hit) == [nil, nil, "0"])
            #expect(hit["x-litellm-call-id"] == hit["x-request-id"])
        }
    }

    @Test("An answer that is not cached, a passed-on one and an error of the model have the deployment too")
    func uncached() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let made = ["first-deployment", "http://127.0.0.1:\(upstream.port)/v1", nil]
            let body = #"{"model":"gpt-4","messages":[],"cache":{"no-cache":true,"no-store":true}}"#
            #expect(try await fields(gateway.post("/v1/chat/completions", body)) == made)
            #expect(try await fields(gateway.get("/v1/files")) == made)
            upstream.answer(with: .failure(400))
            let refused = try await gateway.post("/v1/chat/completions", #"{"model":"gpt-4","messages":[1]}"#)
            #expect(refused.status == 400 && fields(refused) == made)
        }
    }

    @Test("What another gateway behind this one says of its models and its cache is not passed on")
    func chained() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            upstream.answer(
                with: .json(
                    #"{"id":"c","object":"chat.completion","choices":[]}"#,
                    headers: [
                        ("x-litellm-model-id", "theirs"), ("x-litellm-model-api-base", "http://inner"),
                        ("x-litellm-call-id", "theirs"), ("x-litellm-cache-key", "theirs"),
                        ("x-litellm-response-cost", "0.25"), ("x-litellm-version", "1"),
                    ]
                )
            )
            let answer = try await gateway.post("/v1/chat/completions", #"{"model":"gpt-4","messages":[]}"#)
            #expect(answer["x-litellm-model-id"] == "first-deployment")
            #expect(answer["x-litellm-call-id"] == answer["x-request-id"])
            #expect(answer["x-litellm-cache-key"] == nil && answer["x-litellm-response-cost"] == nil)
            #expect(answer["x-litellm-version"] == "1")
        }
    }
}
