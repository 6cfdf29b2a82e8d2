import Foundation
import Testing

/// The sources of settings, and the results of invalid ones.
@Suite("Configuration", .timeLimit(.minutes(1)))
struct ConfigurationTests {
    /// Starts the gateway with a configuration that must be refused, and returns its message.
    private func refusal(
        _ configuration: String,
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--plugin-dir", Repository.plugins.path],
            directory: directory.url,
            environment: environment
        )
        #expect(result.status > 0, "\(result.standardError)", sourceLocation: sourceLocation)
        return result.standardError
    }

    @Test("os.environ/NAME is taken from the environment")
    func environment() async throws {
        let configuration = Configurations.local.replacingOccurrences(of: "sk-upstream", with: "os.environ/MODEL_KEY")
        try await withGateway(configuration, environment: ["MODEL_KEY": "sk-from-environment"]) {
            gateway,
            upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-from-environment")
        }
    }

    @Test("A variable that os.environ names and nobody sets is an error that names it")
    func environmentMissing() async throws {
        let errors = try await refusal(
            "model_list:\n  - {model_name: a, litellm_params: {model: openai/a, api_key: os.environ/NOT_SET}}\n"
        )
        #expect(errors.contains("NOT_SET"))
        #expect(errors.contains("config.yaml:2:"))
    }

    @Test("A .env file in the working directory adds to the environment, which goes before it")
    func dotEnv() async throws {
        let configuration = Configurations.local.replacingOccurrences(of: "sk-upstream", with: "os.environ/MODEL_KEY")
        let dotEnv = "# keys\nMODEL_KEY = 'sk-from-file'\nOTHER=\"x\"\n"
        try await withGateway(configuration, dotEnv: dotEnv) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-from-file")
        }
        try await withGateway(configuration, environment: ["MODEL_KEY": "sk-env"], dotEnv: dotEnv) {
            gateway,
            upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-env")
        }
    }

    @Test("environment_variables of the file are seen by os.environ/NAME")
    func environmentVariables() async throws {
        let configuration =
            "environment_variables:\n  MODEL_KEY: sk-from-config\n"
            + Configurations.local.replacingOccurrences(of: "sk-upstream", with: "os.environ/MODEL_KEY")
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-from-config")
        }
    }

    @Test("YAML's older booleans are booleans", arguments: ["True", "yes", "on", "TRUE"])
    func booleans(word: String) async throws {
        let configuration =
            Configurations.models + "litellm_settings:\n  cache: \(word)\n  cache_params: {type: local}\n"
        try await withGateway(configuration) { gateway, _ async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").isHit)
        }
    }

    @Test("A setting of LiteLLM's that has no effect here is one warning, not an error")
    func ignoredSetting() async throws {
        let configuration =
            Configurations.local + "  drop_params: True\nrouter_settings:\n  enable_pre_call_checks: true\n"
        try await withGateway(configuration) { gateway, _ async throws in
            let lines = gateway.log.split(separator: "\n").filter {
                $0.contains("enable_pre_call_checks") || $0.contains("router_settings")
            }
            #expect(lines.count == 1, "\(gateway.log)")
        }
    }

    @Test("A parameter that the plugin does not know is an error with its place and the nearest name")
    func unknownParameter() async throws {
        let errors = try await refusal(
            """
            model_list:
              - {model_name: a, litellm_params: {model: openai/a, mock_response: hi}}
            litellm_settings:
              cache: True
              cache_params:
                type: local
                max_itemsize: 1MB

            """
        )
        #expect(errors.contains("config.yaml:7:5: unknown key 'max_itemsize' in cache_params"), "\(errors)")
        #expect(errors.contains("did you mean 'max_item_size'"), "\(errors)")
    }

    @Test(
        "What is not a configuration is one clear error with its place",
        arguments: [
            ("model_list:\n\t- a\n", "config.yaml:2:"), ("model_list: [\n", "config.yaml:"), ("[]\n", "config.yaml:"),
            (
                "a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n",
                "config.yaml:"
            ),
            ("", "model_list"),
        ]
    )
    func notAConfiguration(text: String, phrase: String) async throws {
        let errors = try await refusal(text)
        #expect(errors.contains(phrase), "\(errors)")
    }

    @Test("No file, a directory and bad UTF-8 are clear errors")
    func unreadable() async throws {
        let directory = try TemporaryDirectory()
        let bad = directory.url.appending(path: "bad.yaml")
        try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE, 0x0A]).write(to: bad)
        for path in [directory.url.appending(path: "none.yaml").path, directory.url.path, bad.path] {
            let result = try await Command.run(Repository.gateway, ["check", "--config", path])
            #expect(result.status == 1, "\(path)")
            #expect(result.standardError.contains((path as NSString).lastPathComponent), "\(result.standardError)")
        }
    }
}
