import Foundation
import Testing

extension OutsideTheTree {
    /// What `make install` puts there for authors of plugins.
    @Suite("The installed interface", .timeLimit(.minutes(5)))
    struct InstallationTests {
        @Test("pkg-config tells the interface's version, where plugins belong and where the kit for Swift is")
        func variables() async throws {
            try await Installation.ready()
            func variable(_ name: String) async throws -> String {
                try await Installation.run(
                    "pkg-config --variable=\(name) gateway-plugin",
                    in: Installation.folder
                ).standardOutput.trimmed
            }
            let prefix = Installation.prefix.path
            #expect(try await variable("interface_version") == "1.0")
            #expect(try await variable("plugindir") == "\(prefix)/lib/gateway")
            let kit = try await variable("pluginkit")
            #expect(FileManager.default.fileExists(atPath: "\(kit)/Package.swift"))
            #expect(FileManager.default.fileExists(atPath: try await variable("exports")))
            let version = try await Installation.run("pkg-config --modversion gateway-plugin", in: Installation.folder)
            #expect(try version.standardOutput.trimmed == Repository.version)
        }

        @Test("A plugin that is linked with the flags of pkg-config exports its entry function and nothing else")
        func exports() async throws {
            let folder = try await ExamplePlugin.built("memory-c")
            let symbols = try await Installation.run("nm -D --defined-only libgateway-cache-memory-c.so", in: folder)
            let lines = symbols.standardOutput.trimmed.split(separator: "\n")
            #expect(lines.count == 1 && lines.allSatisfy { $0.hasSuffix(" gateway_cache_plugin_entry_v1") }, "\(lines)")
            let headers = try await Installation.run("readelf -dlW libgateway-cache-memory-c.so", in: folder)
            #expect(headers.standardOutput.contains("NODELETE"))
            #expect(headers.standardOutput.contains(#/GNU_STACK .* RW /#), "the stack is not executable")
        }

        @Test("What is uninstalled is gone, and what others have put beside it stays")
        func uninstall() async throws {
            let folder = try TemporaryDirectory()
            let prefix = folder.url.appending(path: "prefix").path
            let script = Repository.root.appending(path: "scripts/install.sh").path
            try await Installation.run("'\(script)' install-development '' '\(prefix)' local", in: folder.url)
            try folder.write("mine", to: "prefix/share/gateway/mine")
            try await Installation.run("'\(script)' uninstall '' '\(prefix)' local", in: folder.url)
            let left = try await Installation.run("find prefix -type f", in: folder.url)
            #expect(left.standardOutput.trimmed == "prefix/share/gateway/mine")
        }
    }
}
