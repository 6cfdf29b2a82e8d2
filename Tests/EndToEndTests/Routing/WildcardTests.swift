import Foundation
import Testing

@Suite("A model_name with a star", .timeLimit(.minutes(1)))
struct WildcardTests {
    private static let configuration = """
        model_list:
          - {model_name: "openai/*", litellm_params: {model: "openai/*", api_base: UPSTREAM/v1, api_key: k}}
          - {model_name: "azure/*", litellm_params: {model: "azure/*", api_base: UPSTREAM, api_key: k, api_version: "1"}}
          - {model_name: exact, litellm_params: {model: openai/own, api_base: UPSTREAM/v1, api_key: k}}
        router_settings:
          model_group_alias: {best: exact, latest: {model: openai/gpt-9, hidden: true}}
        litellm_settings:
          cache: True
          cache_params: {type: local}

        """

    @Test("serves each name that it covers as a model of its own, whose answers no other name is served")
    func names() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            upstream.answer { request, _ in .chat(request.json["model"].string ?? "") }
            for model in ["gpt-4o", "gpt-4o-mini", "ft:a/b"] {
                for status in ["fwd", "hit"] {
                    let answer = try await gateway.chat("hello", model: "openai/\(model)")
                    #expect(answer["cache-status"]?.contains(status) == true)
                    #expect(answer.json["choices"][0]["message"]["content"].string == model)
                }
            }
            #expect(upstream.requests.map { $0.json["model"].string } == ["gpt-4o", "gpt-4o-mini", "ft:a/b"])
            #expect(try await gateway.chat("hello", model: "azure/dep-1").status == 200)
            #expect(upstream.requests.last?.uri == "/openai/deployments/dep-1/chat/completions?api-version=1")
        }
    }

    @Test("sends no name to a path whose meaning it would change, and none that is no model's")
    func hostileNames() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            for model in [
                "azure/../x", "azure/..", "azure/a?b=c", "azure/", "openai/", "other/gpt", #"openai/a\u0000"#,
            ] {
                let answer = try await gateway.chat("hello", model: model)
                #expect(answer.status == 404, "\(model)")
                #expect(answer.json["error"]["code"].string == "model_not_found")
            }
            let long = "openai/" + String(repeating: "x", count: 300)
            #expect(try await gateway.chat("hello", model: long).status == 404)
            #expect(upstream.calls == 0)
        }
    }

    @Test("is in the list of models, with the aliases that are not hidden, which serve the models that they stand for")
    func list() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let list = try await gateway.get("/v1/models")
            #expect(list.json["data"].array.map { $0["id"].string } == ["openai/*", "azure/*", "exact", "best"])
            #expect(try await gateway.get("/v1/models/best").json["id"].string == "best")
            #expect(try await gateway.get("/v1/models/openai/gpt-4o").json["id"].string == "openai/gpt-4o")
            _ = try await gateway.chat("hello", model: "best")
            _ = try await gateway.chat("hello", model: "latest")
            #expect(upstream.requests.map { $0.json["model"].string } == ["own", "gpt-9"])
        }
    }

    @Test("does not excuse an alias of a model that is not there")
    func unknownAlias() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            model_list:
              - {model_name: exact, litellm_params: {model: openai/own, api_base: http://h/v1}}
            router_settings:
              model_group_alias: {best: exakt}

            """,
            to: "config.yaml"
        )
        let result = try await Command.run(
            Repository.gateway,
            ["check", file.path, "--plugin-dir", Repository.plugins.path],
            directory: directory.url
        )
        #expect(result.status != 0)
        let message =
            "config.yaml:4:29: 'model_group_alias' names 'exakt', which no model_name covers; did you mean 'exact'?"
        #expect((result.standardError + result.standardOutput).contains(message))
    }
}
