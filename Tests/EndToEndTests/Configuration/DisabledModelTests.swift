import Foundation
import Testing

/// Models that the gateway does not support, beside others that it does.
@Suite("A model that is not supported", .timeLimit(.minutes(1)))
struct DisabledModelTests {
    private static let configuration =
        Configurations.models + """
              - model_name: claude
                litellm_params:
                  model: bedrock/claude-3-opus
              - model_name: gpt-4
                litellm_params:
                  model: bedrock/other
              - model_name: bedrock/*
                litellm_params:
                  model: bedrock/*
              - model_name: priced
                litellm_params:
                  model: opnai/gpt-4

            """

    @Test("is disabled with a warning that has its place, and answers with the reason, while the others serve")
    func reason() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            #expect(
                gateway.log.contains("config.yaml:24:14: model 'claude' is disabled: the provider 'bedrock'")
            )
            #expect(gateway.log.contains("config.yaml:30:14: model 'bedrock/*' is disabled: the provider 'bedrock'"))
            let answer = try await gateway.chat("hello", model: "claude")
            #expect(answer.status == 400)
            let error = answer.json["error"]
            #expect(error["code"].string == "model_disabled")
            #expect(error["param"].string == "model")
            #expect(error["type"].string == "invalid_request_error")
            let message = error["message"].string ?? ""
            #expect(message.hasPrefix("The model 'claude' is disabled here: the provider 'bedrock' of model"))
            let misspelt = try await gateway.chat("hello", model: "priced")
            #expect(misspelt.json["error"]["message"].string?.contains("did you mean 'openai'?") == true)
            #expect(upstream.calls == 0)
            #expect(try await gateway.chat("hello").status == 200)
            #expect(try await gateway.chat("hello", model: "gpt-4").status == 200)
        }
    }

    @Test("named by a pattern answers for every name that the pattern covers")
    func wildcard() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let answer = try await gateway.chat("hello", model: "bedrock/claude")
            #expect(answer.status == 400)
            #expect(answer.json["error"]["code"].string == "model_disabled")
            #expect(
                answer.json["error"]["message"].string?.contains("the provider 'bedrock' of model 'bedrock/*'") == true
            )
            let other = try await gateway.chat("hello", model: "other")
            #expect(other.status == 404)
            #expect(other.json["error"]["code"].string == "model_not_found")
            #expect(upstream.calls == 0)
        }
    }

    @Test("is not in the list of models")
    func list() async throws {
        try await withGateway(Self.configuration) { gateway, _ async throws in
            let list = try await gateway.get("/v1/models")
            #expect(list.text.contains("gpt-4"))
            #expect(!list.text.contains("claude") && !list.text.contains("bedrock/*"))
            let one = try await gateway.get("/v1/models/claude")
            #expect(one.status == 404)
            #expect(one.json["error"]["code"].string == "model_disabled")
        }
    }

    @Test("ends the start where there is no other, with status 78 and every reason")
    func none() async throws {
        let directory = try TemporaryDirectory()
        let configuration = """
            model_list:
              - {model_name: a, litellm_params: {model: bedrock/a}}
              - {model_name: "*", litellm_params: {model: "bedrock/*"}}

            """
        let file = try directory.write(configuration, to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--plugin-dir", Repository.plugins.path],
            directory: directory.url
        )
        #expect(result.status == 78)
        #expect(result.standardError.contains("config.yaml:2:45: warning: model 'a' is disabled: "))
        #expect(result.standardError.contains("config.yaml:3:47: warning: model '*' is disabled: "))
        #expect(
            result.standardError.contains(
                "config.yaml:2:3: no model of model_list can be used, for the reasons given; add one that is supported"
            )
        )
    }
}
