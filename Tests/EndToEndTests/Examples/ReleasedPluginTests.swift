import Foundation
import Testing

/// Libraries that were built from the header as it was released. They are kept as they are, for ever.
@Suite("A plugin that was built for an earlier version of the interface", .timeLimit(.minutes(2)))
struct ReleasedPluginTests {
    /// The versions that have been released, each with a folder of Tests/PluginAPITests/abi.
    private static let versions = ["1.0"]
    private static let types = ["memory-c", "memory-cpp", "memory-rust", "memcached", "disk"]

    private static func folder(_ version: String) -> URL {
        Repository.root.appending(path: "Tests/PluginAPITests/abi/v\(version)")
    }

    @Test("is what it was when it was released", arguments: versions)
    func unchanged(version: String) async throws {
        let result = try await Command.run(
            Command.find("sha256sum"),
            ["--check", "--strict", "SHA256SUMS"],
            directory: Self.folder(version)
        )
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
    }

    /// The libraries are for the processor on which they were built. There are some for each that CI runs on.
    @Test("serves a hit through today's gateway", arguments: versions, types)
    func serves(version: String, type: String) async throws {
        let plugins = Self.folder(version).appending(path: try await Self.processor.value)
        let directory = try TemporaryDirectory()
        let memcached = type == "memcached" ? try await MemcachedServer.start() : nil
        defer { withExtendedLifetime(memcached) {} }
        let parameters =
            switch type {
            case "memcached": "host: 127.0.0.1\nport: \(try #require(memcached).port)"
            case "disk": "path: \(directory.url.path)/answers.sqlite"
            default: ""
            }
        let configuration = Configurations.cached("type: \(type)\n\(parameters)")
        try await withGateway(configuration, plugins: plugins) { gateway, upstream async throws in
            try await gateway.cacheIsReady()
            let miss = try await gateway.chat("hello")
            try await eventually("\(type) serves the answer") {
                try await gateway.chat("hello", headers: ["Cache-Control": "only-if-cached"]).isHit
            }
            #expect(try await gateway.chat("hello").body == miss.body)
            #expect(upstream.calls == 1)
        }
    }

    /// The name of the processor's architecture, as `uname -m` says it.
    private static let processor = Task {
        try await Command.run(Command.find("uname"), ["-m"]).standardOutput.trimmed
    }
}
