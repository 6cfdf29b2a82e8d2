import Foundation
import Testing

/// Cache plugins that others have written.
@Suite("Plugins", .timeLimit(.minutes(1)))
struct PluginTests {
    @Test("A plugin in C, compiled with nothing but the header, serves a hit")
    func pluginInC() async throws {
        let folder = try await ExamplePlugin.built("memory-c")
        let configuration = Configurations.cached("type: memory-c\nslots: \"65536\"")
        try await withGateway(configuration, plugins: folder) { gateway, upstream async throws in
            let miss = try await gateway.chat("hello")
            let hit = try await gateway.chat("hello")
            #expect(hit.isHit)
            #expect(hit.body == miss.body)
            _ = try await gateway.embed(["a", "b"])
            try await gateway.hasEmbeddings(["b", "a"])
            _ = try await gateway.chat("short", #""cache":{"ttl":1}"#)
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await gateway.chat("short").wasForwarded("miss"))
            #expect(upstream.calls == 4)
        }
    }

    @Test("Its parameters are documented and checked like those of any plugin")
    func parametersInC() async throws {
        let plugins = try await ExamplePlugin.built("memory-c")
        let folder = try TemporaryDirectory()
        let described = try await Command.run(
            Repository.gateway,
            ["plugins", "describe", "memory-c", "--plugin-dir", plugins.path]
        )
        #expect(described.status == 0)
        #expect(described.standardOutput.contains("slots"))
        #expect(described.standardOutput.contains("4096"))
        let file = try folder.write(
            Configurations.cached("type: memory-c\nslots: 0").replacingOccurrences(of: "UPSTREAM", with: "http://h"),
            to: "config.yaml"
        )
        let checked = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", plugins.path]
        )
        #expect(checked.status == 1)
        #expect(checked.standardError.contains("slots"))
    }

    @Test("A missing plugin is an error that names the file, the folder and the plugins that are there")
    func missing() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            Configurations.cached("type: memcached").replacingOccurrences(of: "UPSTREAM", with: "http://h"),
            to: "config.yaml"
        )
        let result = try await Command.run(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--plugin-dir", Repository.plugins.path]
        )
        #expect(result.status > 0)
        #expect(result.standardError.contains("libgateway-cache-memcached.so"), "\(result.standardError)")
        #expect(result.standardError.contains(Repository.plugins.path), "\(result.standardError)")
    }

    @Test("A type that could leave the plugin folder is refused", arguments: ["../local", "/tmp/x", "Local", "a b"])
    func badType(type: String) async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            Configurations.cached("type: \"\(type)\"").replacingOccurrences(of: "UPSTREAM", with: "http://h"),
            to: "config.yaml"
        )
        let result = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path]
        )
        #expect(result.status == 1)
        #expect(result.standardError.contains("type"), "\(result.standardError)")
    }

    @Test("A choice is the word that is written, also one that YAML reads as a boolean")
    func choice() async throws {
        let folder = try await Talkative.compiled()
        func check(_ word: String) async throws -> Checked {
            let configuration = Configurations.cached("type: talkative\nbehaviour: \(word)")
                .replacingOccurrences(of: "UPSTREAM", with: "http://h")
            return try await Checked.check(configuration, plugins: folder.url)
        }
        let accepted = try await check("off")
        #expect(accepted.status == 0, "\(accepted.messages)")
        for word in ["false", "no"] {
            let refused = try await check(word)
            #expect(refused.status == 1 && refused.messages.contains { $0.contains("'off'") }, "\(refused.messages)")
        }
    }

    @Test("A file that is no library is refused with its name")
    func notALibrary() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("not a library\n", to: "libgateway-cache-broken.so")
        let file = try directory.write(
            Configurations.cached("type: broken").replacingOccurrences(of: "UPSTREAM", with: "http://h"),
            to: "config.yaml"
        )
        let result = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", directory.url.path]
        )
        #expect(result.status == 1)
        #expect(result.standardError.contains("libgateway-cache-broken.so"), "\(result.standardError)")
    }
}
