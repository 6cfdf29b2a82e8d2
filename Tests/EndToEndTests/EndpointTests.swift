import Foundation
import Testing

/// The endpoints, with and without `/v1`, and the probes.
@Suite("Endpoints", .timeLimit(.minutes(1)))
struct EndpointTests {
    @Test("Each endpoint answers with and without /v1, and both share the cache")
    func withAndWithoutVersion() async throws {
        try await withGateway { gateway, upstream async throws in
            let bodies = [
                "/chat/completions": #"{"model":"gpt-3.5-turbo","messages":[]}"#,
                "/completions": #"{"model":"gpt-3.5-turbo-instruct","prompt":"a"}"#,
                "/embeddings": #"{"model":"text-embedding-ada-002","input":["a"]}"#,
            ]
            for (path, body) in bodies {
                let with = try await gateway.post("/v1" + path, body)
                let without = try await gateway.post(path, body)
                #expect(with.status == 200, "\(path)")
                #expect(without.isHit, "\(path)")
            }
            #expect(upstream.calls == 3)
            #expect(Set(upstream.requests.map(\.uri)) == Set(bodies.keys.map { "/v1" + $0 }))
        }
    }

    @Test(
        "A slash that is written twice does not hide an endpoint",
        arguments: ["//v1/models", "/v1//models", "/v1/models//"]
    )
    func slashes(path: String) async throws {
        try await withGateway { gateway, _ async throws in
            #expect(try await gateway.get(path).status == 200)
            let answer = try await gateway.post("/v1//chat/completions", #"{"model":"gpt-4","messages":[]}"#)
            #expect(answer.wasForwarded("miss"))
        }
    }

    @Test("A query string does not hide an endpoint")
    func query() async throws {
        try await withGateway { gateway, _ async throws in
            #expect(try await gateway.get("/v1/models?limit=5").status == 200)
        }
    }

    @Test(
        "The model list has every model once, in the order of the configuration",
        arguments: ["/models", "/v1/models"]
    )
    func models(path: String) async throws {
        try await withGateway { gateway, _ async throws in
            let list = try await gateway.get(path).json
            #expect(list["object"].string == "list")
            #expect(
                list["data"].array.map { $0["id"].string } == [
                    "gpt-3.5-turbo", "gpt-4", "gpt-3.5-turbo-instruct", "text-embedding-ada-002",
                ]
            )
            for model in list["data"].array {
                #expect(model["object"].string == "model")
                #expect(model["created"].int != nil)
                #expect(model["owned_by"].string != nil)
            }
        }
    }

    @Test("A model is found by its id; an unknown one is a 404", arguments: ["/models/", "/v1/models/"])
    func model(path: String) async throws {
        try await withGateway { gateway, _ async throws in
            let known = try await gateway.get(path + "gpt-4")
            #expect(known.json["id"].string == "gpt-4")
            #expect(known.json["object"].string == "model")
            let unknown = try await gateway.get(path + "gpt-none")
            #expect(unknown.status == 404)
            #expect(unknown.json["error"]["code"].string == "model_not_found")
        }
    }

    @Test("A model's id may hold slashes and percent-encoding")
    func modelWithSlash() async throws {
        let configuration = """
            model_list:
              - model_name: team/chat 1
                litellm_params: {model: openai/x, mock_response: "hi"}

            """
        try await withGateway(configuration) { gateway, _ async throws in
            #expect(try await gateway.get("/v1/models/team/chat%201").json["id"].string == "team/chat 1")
        }
    }

    @Test("The liveness probes say that the gateway is alive", arguments: ["/health/liveliness", "/health/liveness"])
    func liveness(path: String) async throws {
        try await withGateway { gateway, _ async throws in
            let answer = try await gateway.get(path)
            #expect(answer.status == 200)
            #expect(answer.text == #""I'm alive!""#)
        }
    }

    @Test("Readiness and health are JSON; readiness names the cache")
    func readiness() async throws {
        try await withGateway { gateway, _ async throws in
            let ready = try await gateway.get("/health/readiness")
            #expect(ready.status == 200)
            #expect(ready.json["status"].string == "healthy")
            #expect(ready.json["cache"].string == "local")
            let health = try await gateway.get("/health")
            #expect(health.status == 200)
            #expect(health["content-type"]?.hasPrefix("application/json") == true)
        }
    }

    @Test("Prices are listed for each deployment, in dollars for one token: the configured ones, else the known ones")
    func prices() async throws {
        let configuration = """
            model_list:
              - model_name: known
                litellm_params: {model: openai/gpt-4o-2024-08-06, api_base: UPSTREAM/v1, api_key: k}
              - model_name: configured
                litellm_params: {model: openai/gpt-4o, api_base: UPSTREAM/v1, api_key: k, input_cost_per_token: 1e-6}
                model_info: {output_cost_per_token: 0.000003}
              - model_name: unknown
                litellm_params: {model: openai/own, api_base: UPSTREAM/v1, api_key: k}
            """
        try await withGateway(configuration) { gateway, _ async throws in
            let models = try await gateway.get("/model/info").json["data"]
            let known = models[0]["model_info"]
            #expect(known["input_cost_per_token"].double == 2.5e-6 && known["output_cost_per_token"].double == 1e-5)
            #expect(known["cache_read_input_token_cost"].double == 1.25e-6)
            let configured = models[1]["model_info"]
            #expect(configured["input_cost_per_token"].double == 1e-6)
            #expect(configured["output_cost_per_token"].double == 3e-6)
            #expect(models[2]["model_info"].names == ["id", "db_model"])
        }
    }

    @Test("The deployments and the providers of the models are listed as LiteLLM lists them, without keys")
    func information() async throws {
        try await withGateway { gateway, upstream async throws in
            for path in ["/v1/model/info", "/model/info"] {
                let answer = try await gateway.get(path)
                let first = answer.json["data"][0]
                #expect(answer.json["data"].array.count == 4 && first["model_name"].string == "gpt-3.5-turbo")
                #expect(first["litellm_params"]["model"].string == "openai/gpt-3.5-turbo-0125")
                #expect(first["litellm_params"]["api_base"].string == "\(upstream.url)/v1")
                #expect(first["model_info"]["id"].string?.isEmpty == false && !answer.text.contains("sk-upstream"))
            }
            let groups = try await gateway.get("/model_group/info").json["data"]
            #expect(groups[1]["model_group"].string == "gpt-4" && groups[1]["providers"][0].string == "openai")
        }
    }
}
