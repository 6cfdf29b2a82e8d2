import PluginConformance
import PluginKit
import Testing

@testable import RedisCache

@Suite("The settings of a Redis")
struct SettingsTests {
    private func settings(
        _ configured: [String: String],
        _ environment: [String: String] = [:]
    ) throws -> RedisSettings {
        try GivenParameters.redis(configured: configured, environment: environment).settings()
    }

    @Test("are redis-py's where nothing else is said")
    func defaults() throws {
        let settings = try settings(["host": "h"])
        #expect(settings.deployment == .server(.tcp(host: "h", port: 6379)))
        #expect(settings.username == nil && settings.password == nil && settings.database == 0)
        #expect(settings.tls == nil)
        #expect(settings.answerTimeout == 5_000_000_000 && settings.connectTimeout == 5_000_000_000)
        #expect(settings.clientName == "gateway" && settings.keepsAlive && settings.connectionsPerServer == 2)
    }

    @Test("come from the environment where cache_params say nothing, parameter by parameter")
    func environment() throws {
        let environment = [
            "REDIS_HOST": "eh", "REDIS_PORT": "7000", "REDIS_PASSWORD": "ep", "REDIS_USERNAME": "eu", "REDIS_DB": "4",
            "REDIS_SSL": "true", "REDIS_SOCKET_TIMEOUT": "2s", "REDIS_SSL_CA_CERTS": "/ca.pem",
        ]
        let all = try settings([:], environment)
        #expect(all.deployment == .server(.tcp(host: "eh", port: 7000)))
        #expect(all.username == "eu" && all.password == "ep" && all.database == 4)
        #expect(all.tls?.authorityFile == "/ca.pem")
        #expect(all.answerTimeout == 2_000_000_000)
        let some = try settings(["host": "ch", "password": "cp", "ssl": "false", "db": "0"], environment)
        #expect(some.deployment == .server(.tcp(host: "ch", port: 7000)))
        #expect(some.username == "eu" && some.password == "cp" && some.database == 0)
        #expect(some.tls == nil)
    }

    @Test("name the server in one way: cache_params before the environment, then LiteLLM's order")
    func ways() throws {
        let url = ["REDIS_URL": "redis://:up@uh:1/5"]
        #expect(try settings([:], url).deployment == .server(.tcp(host: "uh", port: 1)))
        #expect(
            try settings([:], url.merging(["REDIS_HOST": "eh"]) { $1 }).deployment == .server(.tcp(host: "uh", port: 1))
        )
        let configured = try settings(["host": "ch"], url)
        #expect(configured.deployment == .server(.tcp(host: "ch", port: 6379)))
        #expect(configured.password == nil && configured.database == 0, "nothing of the URL counts")
        #expect(
            try settings(["sentinel_nodes": "[[\"s\",1]]", "service_name": "m"], url).deployment
                == .sentinels([.tcp(host: "s", port: 1)], service: "m", password: nil)
        )
        let cluster = ["REDIS_CLUSTER_NODES": "[{\"host\":\"c\",\"port\":1}]", "REDIS_HOST": "eh"]
        #expect(try settings([:], cluster).deployment == .cluster([.tcp(host: "c", port: 1)]))
        #expect(try settings(["unix_socket_path": "/s"], cluster).deployment == .server(.unix(path: "/s")))
        let sentinels = [
            "REDIS_SENTINEL_NODES": "[[\"s\",2]]", "REDIS_SERVICE_NAME": "m", "REDIS_SENTINEL_PASSWORD": "sp",
        ]
        #expect(
            try settings([:], sentinels).deployment
                == .sentinels([.tcp(host: "s", port: 2)], service: "m", password: "sp")
        )
    }

    @Test("let a configured parameter beat what an environment's URL says, but not a configured URL")
    func urlAndParameters() throws {
        let url = "rediss://uu:up@uh:1/5"
        let beaten = try settings(["password": "cp", "db": "2", "ssl": "false"], ["REDIS_URL": url])
        #expect(beaten.password == "cp" && beaten.username == "uu" && beaten.database == 2 && beaten.tls == nil)
        let beating = try settings(["url": url, "password": "cp", "db": "2", "host": "ch"])
        #expect(beating.deployment == .server(.tcp(host: "uh", port: 1)))
        #expect(beating.password == "up" && beating.database == 5 && beating.tls != nil)
        let filled = try settings(["url": "redis://uh", "password": "cp", "ssl": "true"], ["REDIS_USERNAME": "eu"])
        #expect(filled.password == "cp" && filled.username == "eu" && filled.tls != nil)
        #expect(try GivenParameters.redis(configured: ["url": url, "host": "h"]).unusedWays() == ["host"])
        #expect(
            try GivenParameters.redis(configured: ["host": "h"], environment: ["REDIS_URL": url]).unusedWays() == []
        )
    }

    @Test(
        "that cannot work together are refused, and the sentence names the parameter",
        arguments: [
            ([:], "no Redis server is named"), (["host": ""], "no Redis server is named"),
            (["host": "redis://h"], "give it as 'url'"), (["host": "a b"], "'host' has spaces"),
            (["sentinel_nodes": "[[\"s\",1]]"], "'service_name'"),
            (["url": "rediss://h", "ssl": "false"], "'ssl' is false"),
            (["redis_startup_nodes": "[\"a\"]", "db": "1"], "'db' must be 0"),
            (["host": "h", "client_name": "a b"], "'client_name'"),
            (["host": "h", "ssl": "true", "ssl_keyfile": "/k"], "'ssl_certfile'"),
            (["redis_startup_nodes": "{}"], "'redis_startup_nodes'"), (["url": "h"], "'url'"),
        ] as [([String: String], String)]
    )
    func refused(configured: [String: String], words: String) {
        let failure = #expect(throws: PluginFailure.self) { () throws in _ = try settings(configured) }
        #expect(failure?.status == .badConfiguration)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test("share one connection where no more is allowed")
    func connections() throws {
        #expect(try settings(["host": "h", "max_connections": "1"]).connectionsPerServer == 1)
        #expect(try settings(["host": "h", "max_connections": "50"]).connectionsPerServer == 2)
    }

    @Test("every name of the table is documented, unique, and secret where it holds a secret")
    func table() {
        let names = RedisParameters.all.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        for parameter in RedisParameters.all {
            #expect(!parameter.doc.isEmpty && !parameter.doc.contains("\n"), "\(parameter.name)")
            let holdsSecret = parameter.name.hasSuffix("password") || parameter.name == "url"
            #expect(parameter.traits.contains(.secret) == holdsSecret, "\(parameter.name)")
            if !parameter.traits.contains(.ignored) { #expect(parameter.environment?.hasPrefix("REDIS_") == true) }
        }
    }
}
