import Foundation
import Testing

@Suite("A fallback", .timeLimit(.minutes(1)))
struct FallbackTests {
    private static func configuration(_ settings: String) -> String {
        """
        model_list:
          - {model_name: small, litellm_params: {model: openai/small, api_base: UPSTREAM/v1, api_key: k}}
          - {model_name: large, litellm_params: {model: openai/large, api_base: UPSTREAM/v1, api_key: k}}
          - {model_name: text-embedding-ada-002, litellm_params: {model: openai/vectors, api_base: UPSTREAM/v1, api_key: k}}
        litellm_settings:
          num_retries: 0
          cache: True
          cache_params: {type: local}
          \(settings)

        """
    }

    @Test("answers for a model that fails, streamed or not, and its answer is not stored as that model's")
    func failure() async throws {
        try await withGateway(Self.configuration("fallbacks: [{small: [large]}]")) { gateway, upstream async throws in
            upstream.answer { request, _ in
                request.json["model"].string == "small" ? .failure(503) : .chat("from large")
            }
            for _ in 0..<2 {
                let answer = try await gateway.chat("hello", model: "small")
                #expect(answer.status == 200)
                #expect(answer.text.contains("from large"))
                #expect(answer["cache-status"]?.contains("stored") == false)
            }
            #expect(upstream.requests.map { $0.json["model"].string } == ["small", "large", "small", "large"])
            let streamed = try await gateway.chat("hello", model: "small", #""stream":true"#)
            #expect(streamed.status == 200)
            #expect(streamed.text.contains("from large"))
            // The model itself is asked again once it works, and its own answer is stored.
            upstream.answer(with: .chat("from small"))
            #expect(try await gateway.chat("hello", model: "small").text.contains("from small"))
            let hit = try await gateway.chat("hello", model: "small")
            #expect(hit["cache-status"]?.contains("hit") == true)
            #expect(hit.text.contains("from small"))
        }
    }

    @Test("takes a request that has too many tokens for its model, and no other refusal")
    func contextWindow() async throws {
        let settings = "context_window_fallbacks: [{small: [large]}]"
        try await withGateway(Self.configuration(settings)) { gateway, upstream async throws in
            let long =
                #"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#
            upstream.answer { request, _ in
                guard request.json["model"].string == "small" else { return .chat("from large") }
                return request.text.contains("long") ? .json(long, status: 400) : .failure(400)
            }
            let answer = try await gateway.chat("a long one", model: "small")
            #expect(answer.status == 200)
            #expect(answer.text.contains("from large"))
            let refused = try await gateway.chat("a wrong one", model: "small")
            #expect(refused.status == 400)
            #expect(refused.json["error"]["code"].string == "upstream_400")
            #expect(upstream.calls == 3)
        }
    }

    @Test("for embeddings answers for all inputs, since vectors of two models are not to be mixed")
    func embeddings() async throws {
        try await withGateway(Self.configuration("default_fallbacks: [large]")) { gateway, upstream async throws in
            _ = try await gateway.embed(["a"])
            let whole = upstream.requests.count
            upstream.answer { request, number in
                request.json["model"].string == "vectors" ? .failure(503) : Answer.standard(request, number)
            }
            let answer = try await gateway.embed(["a", "b"])
            #expect(answer.status == 200)
            #expect(answer.json["data"].array.count == 2)
            let asked = upstream.requests.dropFirst(whole).map {
                ($0.json["model"].string, $0.json["input"].array.count)
            }
            #expect(asked.last?.0 == "large")
            #expect(asked.last?.1 == 2)
        }
    }

    @Test("that is no model is an error with its place, and one that is disabled a warning")
    func unknown() async throws {
        let directory = try TemporaryDirectory()
        let text = """
            model_list:
              - {model_name: small, litellm_params: {model: openai/small, api_base: "http://h/v1"}}
              - {model_name: claude, litellm_params: {model: bedrock/claude}}
            router_settings:
              fallbacks:
                - small: [claude, larg]
                - smal: [small]
            """
        let file = try directory.write(text, to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["check", file.path, "--plugin-dir", Repository.plugins.path],
            directory: directory.url
        )
        #expect(result.status != 0)
        let output = result.standardError + result.standardOutput
        #expect(output.contains("config.yaml:6:15: warning: 'fallbacks' names the model 'claude', which is disabled"))
        #expect(output.contains("config.yaml:6:23: 'fallbacks' names 'larg', which no model_name covers"))
        #expect(
            output.contains(
                "config.yaml:7:7: 'fallbacks' names 'smal', which no model_name covers; did you mean 'small'?"
            )
        )
    }
}
