import Foundation
import Testing

/// A server that repeats what it was sent, and where the text appears.
@Suite("The password of a Redis", .timeLimit(.minutes(3)))
struct RedisSecretTests {
    private static let password = "p@ss w/rd\"1"
    private static let encoded = "p%40ss%20w%2Frd%221"

    /// The forms in which a server repeats a password.
    private static let answers = [
        "ERR unknown command 'AUTH', with args beginning with: 'user' '\(password)' ",
        "ERR unknown command `AUTH`, with args beginning with: `user`, `\(password)`, ",
        "WRONGPASS user:\(password)", "ERR no \(encoded) here", "ERR no p%40ss+w%2frd%221 here",
        #"ERR no "p@ss w/rd\"1" here"#, #"ERR no \x70@ss\x20w/rd\x221 here"#, "ERR redis://user:\(encoded)@h:1/0",
        "NOAUTH \(password)", "LOADING \(password)", "MOVED 1 \(password):1",
    ]

    private func expectNone(_ text: String, _ whence: String, location: SourceLocation = #_sourceLocation) {
        for secret in ["ss w/rd", "w%2Frd", "w%2frd", "ss%20w", "ss+w", #"\x20w"#] {
            #expect(!text.contains(secret), "\(whence) has the password in it: \(text)", sourceLocation: location)
        }
    }

    @Test(
        "is in no log, no answer and no description, however the server repeats it; readiness shows none of its words",
        arguments: answers,
        ["url", "parameters"]
    )
    func repeated(answer: String, way: String) async throws {
        let server = try await ScriptedRedis.start { _ in .says("-\(answer)\r\n") }
        let parameters =
            way == "url"
            ? "type: redis\nurl: 'redis://user:\(Self.encoded)@127.0.0.1:\(server.port)/0'"
            : "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nusername: user\npassword: 'p@ss w/rd\"1'"
        let configuration = Configurations.cached(parameters) + "\ngeneral_settings:\n  master_key: sk-master\n"
        let key = ["Authorization": "Bearer sk-master"]
        try await withGateway(configuration, arguments: ["--log-level", "trace"]) { gateway, _ async throws in
            try await eventually("the log-in is refused") {
                try await gateway.get("/health/readiness").json["cache_backend"]["state"].string != "up"
            }
            for round in 0..<7 {
                #expect(try await gateway.chat("hello \(round)", headers: key).status == 200)
                let ping = try await gateway.get("/cache/ping", headers: key)
                #expect(ping.status == 503)
                expectNone(ping.text, "/cache/ping")
            }
            let ready = try await gateway.get("/health/readiness")
            expectNone(ready.text, "/health/readiness")
            #expect(ready.json["cache_backend"]["code"].string != nil)
            for word in ["ERR", "AUTH", "LOADING", "MOVED", "127.0.0.1", "reason", "user"] {
                #expect(!ready.text.contains(word), "readiness shows the backend's words: \(ready.text)")
            }
            expectNone(try await gateway.get("/health", headers: key).text, "/health")
            expectNone(gateway.log, "the log")
            #expect(server.calls.contains(["AUTH", "user", Self.password]), "the plugin has it")
        }
    }

    @Test("is not shown by 'gateway check' or 'plugins describe', wherever in the configuration it stands")
    func described() async throws {
        let directory = try TemporaryDirectory()
        for parameters in [
            "type: redis\nredis_startup_nodes: [{host: a, port: 1, password: hidden-1}, {host: b, port: 2, api_key: hidden-2}]",
            "type: redis\nredis_startup_nodes: '[{\"host\": \"a\", \"password\": \"hidden-3\"}]'",
            "type: redis\nurl: redis://user:hidden-4@h:1/0",
            "type: redis\nhost: h\nsentinel_kwargs: {password: hidden-5, nested: {auth: hidden-6}}",
            "type: redis\nhost: h\nazure_client_secret: hidden-7\ngcp_service_account: {private_key: hidden-8}",
            "type: redis\nhost: redis://user:hidden-9@h", "type: redis\nhost: h\nport: redis://user:hidden-10@h",
            "type: redis\nhost: h\nsocket_timeout: redis://user:hid@den-11@h",
        ] {
            let file = try directory.write(
                Configurations.cached(parameters).replacingOccurrences(of: "UPSTREAM", with: "http://h"),
                to: "config.yaml"
            )
            let checked = try await Command.run(
                Repository.gateway,
                ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path]
            )
            let text = checked.standardOutput + checked.standardError
            #expect(!text.contains("hidden-") && !text.contains("den-11"), "\(text)")
            #expect(text.contains("***") || text.contains("'host' is a host's name, and this is a URL"), "\(text)")
        }
        let described = try await Command.run(
            Repository.gateway,
            ["plugins", "describe", "redis", "--plugin-dir", Repository.plugins.path],
            environment: [
                "REDIS_CLUSTER_NODES": "[{\"host\": \"a\", \"password\": \"hidden-1\"}]", "REDIS_PASSWORD": "hidden-2",
            ]
        )
        #expect(described.status == 0 && described.standardOutput.contains("redis_startup_nodes"))
        #expect(!(described.standardOutput + described.standardError).contains("hidden-"))
    }
}
