import Foundation
import PluginConformance
import Testing

extension OutsideTheTree {
    /// The plugins of examples/plugins, each built by the command of its README with nothing but what is installed.
    @Suite("The example plugins", .timeLimit(.minutes(5)))
    struct ExampleTests {
        private static let inMemory = ["memory-c", "memory-cpp", "memory-rust", "memory-swift"]

        @Test("An example that keeps its entries in memory keeps every rule", arguments: inMemory)
        func rules(name: String) async throws {
            let library = try await ExamplePlugin.built(name).appending(path: "libgateway-cache-\(name).so")
            let report = ConformanceSuite(try TestedPlugin(library: library.path)).run()
            #expect(report.isConformant, "\(report)")
        }

        @Test("An example exports its entry function and nothing else", arguments: inMemory + ["disk", "memcached"])
        func exports(name: String) async throws {
            let folder = try await ExamplePlugin.built(name)
            let symbols = try await Installation.run("nm -D --defined-only --extern-only *.so", in: folder)
            let lines = symbols.standardOutput.trimmed.split(separator: "\n")
            #expect(lines.count == 1 && lines.allSatisfy { $0.hasSuffix(" gateway_cache_plugin_entry_v1") }, "\(lines)")
        }

        @Test("A panic in the example in Rust ends as a status, and reaches no one else")
        func panic() async throws {
            let folder = try await ExamplePlugin.built("memory-rust")
            try await Installation.run("cargo test --offline --locked --quiet", in: folder)
        }

        /// What follows the models in the five configuration files.
        private struct Backend {
            let type: String
            var parameters = ""
        }

        @Test("One gateway serves hits from five backends, by five configuration files and nothing else")
        func fiveBackends() async throws {
            let plugins = try await ExamplePlugin.together(["memcached", "disk", "memory-rust"])
            for type in ["local", "redis"] {
                let library = "libgateway-cache-\(type).so"
                try FileManager.default.copyItem(
                    at: Repository.plugins.appending(path: library),
                    to: plugins.url.appending(path: library)
                )
            }
            let (redis, memcached) = (try await RedisServer.start(), try await MemcachedServer.start())
            defer { withExtendedLifetime((redis, memcached)) {} }
            let backends = [
                Backend(type: "local"),
                Backend(type: "redis", parameters: "host: 127.0.0.1\nport: \(redis.port)"),
                Backend(type: "memcached", parameters: "host: 127.0.0.1\nport: \(memcached.port)"),
                Backend(type: "disk", parameters: "path: \(plugins.url.path)/answers.sqlite"),
                Backend(type: "memory-rust"),
            ]
            for backend in backends {
                let configuration = Configurations.cached("type: \(backend.type)\n\(backend.parameters)")
                try await withGateway(configuration, plugins: plugins.url) { gateway, upstream async throws in
                    try await gateway.cacheIsReady()
                    let miss = try await gateway.chat("hello")
                    try await eventually("\(backend.type) serves the answer") {
                        try await gateway.chat("hello", headers: ["Cache-Control": "only-if-cached"]).isHit
                    }
                    let hit = try await gateway.chat("hello")
                    #expect(hit["cache-status"]?.contains("hit") == true, "\(backend.type)")
                    #expect(hit.body == miss.body && upstream.calls == 1, "\(backend.type)")
                    let readiness = try await gateway.get("/health/readiness").json
                    #expect(readiness["cache"].string == backend.type)
                }
            }
        }
    }
}
