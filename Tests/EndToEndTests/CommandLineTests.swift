import Foundation
import Testing

/// The commands besides serving.
@Suite("Command line", .timeLimit(.minutes(1)))
struct CommandLineTests {
    private func gateway(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command.Result {
        try await Command.run(Repository.gateway, arguments, environment: environment)
    }

    @Test("--version prints the version, --help the options and commands")
    func versionAndHelp() async throws {
        let version = try await gateway("--version")
        #expect(version.status == 0)
        #expect(version.standardOutput.contains(try Repository.version))
        let help = try await gateway("--help")
        #expect(help.status == 0)
        for word in [
            "--config", "--plugin-dir", "--host", "--port", "--env-file", "--log-level", "--log-format",
            "--allow-unauthenticated", "check", "plugins",
        ] {
            #expect(help.standardOutput.contains(word), "\(word)")
        }
    }

    @Test("An option that nobody knows is a usage error")
    func unknownOption() async throws {
        let result = try await gateway("--confg", "x.yaml")
        #expect(result.status != 0)
        #expect(result.standardError.contains("--confg"))
    }

    @Test(
        "`check` of every example exits 0 and prints what would run",
        arguments: ["quickstart", "openai", "azure", "litellm-caching"]
    )
    func checkGood(example: String) async throws {
        let result = try await gateway(
            "check",
            "--config",
            "examples/\(example).yaml",
            "--plugin-dir",
            Repository.plugins.path,
            environment: [
                "OPENAI_API_KEY": "sk-secret", "GATEWAY_MASTER_KEY": "sk-secret", "AZURE_WEST_API_KEY": "sk-secret",
                "AZURE_EAST_API_KEY": "sk-secret",
            ]
        )
        #expect(result.status == 0, "\(result.standardError)")
        #expect(result.standardOutput.contains("local"))
        #expect(result.standardOutput.contains("gpt-"))
        #expect(!(result.standardOutput + result.standardError).contains("sk-secret"))
    }

    @Test("`check` of a bad file exits 1 and reports every error with its line and column")
    func checkBad() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            model_list:
              - model_name: a
                litellm_params: {model: openai/a, timeot: 5}
              - litellm_params: {model: openai/b}
            litellm_settings:
              cache: True
              cache_params:
                type: local
                max_sizes: 1GB
                ttl: soon

            """,
            to: "config.yaml"
        )
        let result = try await gateway("check", "--config", file.path, "--plugin-dir", Repository.plugins.path)
        #expect(result.status == 1)
        let errors = result.standardError
        #expect(errors.contains("config.yaml:3:39: "), "\(errors)")
        #expect(errors.contains("did you mean 'timeout'"), "\(errors)")
        #expect(errors.contains("model_name"), "\(errors)")
        #expect(errors.contains("config.yaml:9:5: "), "\(errors)")
        #expect(errors.contains("did you mean 'max_size'"), "\(errors)")
        #expect(errors.contains("config.yaml:10:"), "\(errors)")
    }

    @Test("`plugins list` has the local cache; `plugins describe local` documents its parameters")
    func plugins() async throws {
        let list = try await gateway("plugins", "list", "--plugin-dir", Repository.plugins.path)
        #expect(list.status == 0)
        #expect(list.standardOutput.contains("local"))
        let local = try await gateway("plugins", "describe", "local", "--plugin-dir", Repository.plugins.path)
        #expect(local.status == 0)
        for name in ["max_size", "max_item_size", "256MB", "4MB"] {
            #expect(local.standardOutput.contains(name), "\(name)")
        }
        let none = try await gateway("plugins", "describe", "nothing", "--plugin-dir", Repository.plugins.path)
        #expect(none.status == 1)
        #expect(none.standardError.contains("libgateway-cache-nothing.so"))
    }

    @Test("Listening beyond the loopback without a master key is refused, and --allow-unauthenticated allows it")
    func openListening() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "model_list:\n  - {model_name: a, litellm_params: {model: openai/a, mock_response: hi}}\n",
            to: "config.yaml"
        )
        let arguments = [
            "--config", file.path, "--host", "0.0.0.0", "--port", "0", "--plugin-dir", Repository.plugins.path,
        ]
        let refused = try await Command.run(Repository.gateway, arguments)
        #expect(refused.status != 0)
        #expect(refused.standardError.contains("master_key"))
        #expect(refused.standardError.contains("--allow-unauthenticated"))
        let allowed = try Command(
            Repository.gateway,
            arguments + ["--allow-unauthenticated"],
            directory: directory.url
        )
        #expect(try await allowed.standardError.first(#/listening on/#) != nil)
        allowed.signal(SIGTERM)
        #expect(try await allowed.status == 0)
    }

    @Test("A port that is taken is an error that names it")
    func portTaken() async throws {
        let upstream = try await RecordingUpstream.start()
        let result = try await gateway(
            "--config",
            "examples/quickstart.yaml",
            "--port",
            "\(upstream.port)",
            "--plugin-dir",
            Repository.plugins.path
        )
        #expect(result.status != 0)
        #expect(result.standardError.contains("\(upstream.port)"))
    }

    @Test("--log-format json writes one JSON object a line")
    func jsonLogs() async throws {
        try await withGateway(arguments: ["--log-format", "json"]) { gateway, _ async throws in
            _ = try await gateway.chat("hello")
            for line in gateway.log.split(separator: "\n") {
                let entry = JSON(Array(line.utf8))
                #expect(entry["level"].string != nil, "\(line)")
                #expect(entry["message"].string != nil, "\(line)")
            }
        }
    }
}
