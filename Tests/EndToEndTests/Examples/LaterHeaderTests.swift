import Foundation
import PluginConformance
import Testing

extension OutsideTheTree {
    /// Plugins that were compiled with a later minor version of the header, in a host that has structs of version 1.0.
    @Suite("A plugin of a later minor version of the interface", .timeLimit(.minutes(5)))
    struct LaterHeaderTests {
        @Test("A plugin in C that is compiled with a later header serves a host of version 1.0")
        func inC() async throws {
            let folder = try TemporaryDirectory()
            try await Self.install(below: folder.url)
            try await Installation.run(
                """
                cc -std=c11 -O1 -I prefix/include -fPIC -shared -pthread -o libgateway-cache-memory-c.so \
                  '\(Repository.root.path)/examples/plugins/memory-c/memory.c'
                """,
                in: folder.url
            )
            try Self.check(folder.url.appending(path: "libgateway-cache-memory-c.so"))
        }

        @Test("A plugin in Swift whose kit is compiled with a later header serves a host of version 1.0")
        func inSwift() async throws {
            try await Self.check(Self.inSwift.value.appending(path: ".build/debug/libgateway-cache-memory-swift.so"))
        }

        @Test("Every public name of the kit is documented, and docc makes a documentation of it")
        func documentation() async throws {
            let folder = try await Self.inSwift.value
            let undocumented = """
                import json
                for symbol in json.load(open("graphs/PluginKit.symbols.json"))["symbols"]:
                    if symbol["accessLevel"] == "public" and "docComment" not in symbol and "location" in symbol:
                        print(".".join(symbol["pathComponents"]))
                """
            let result = try await Installation.run("python3 -c '\(undocumented)'", in: folder)
            #expect(result.standardOutput.isEmpty, "\(result.standardOutput)")
            try await Installation.run(
                """
                docc convert prefix/share/gateway/PluginKit/Sources/PluginKit/PluginKit.docc --output-dir PluginKit.doccarchive \\
                  --additional-symbol-graph-dir graphs --fallback-bundle-identifier gateway.PluginKit
                test -f PluginKit.doccarchive/documentation/pluginkit/index.html -o \\
                  -f PluginKit.doccarchive/data/documentation/pluginkit.json
                """,
                in: folder
            )
        }

        /// The example in Swift, built with a later header, beside a description of the kit's symbols.
        private static let inSwift = Task {
            let folder = Installation.folder.appending(path: "later")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try await install(below: folder)
            try await Installation.run(
                """
                cp -R '\(Repository.root.path)/examples/plugins/memory-swift/.' .
                GATEWAY_PLUGIN_KIT=$PWD/prefix/share/gateway/PluginKit swift build --product gateway-cache-memory-swift \\
                  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/graphs"
                """,
                in: folder
            )
            return folder
        }

        /// Installs a kit and a header whose growable structs have grown, as a minor version may let them (rule L-1).
        private static func install(below folder: URL) async throws {
            try await Installation.run(
                """
                '\(Repository.root.path)/scripts/install.sh' install-development '' "$PWD/prefix" local
                sed -Ei 's/^\\} gw_(error|param|params|result|get_op|item|set_op|del_op|flush_op|plain_op|stats|host|plugin|abi);/\
                    uint64_t added[512];\\n&/' prefix/include/gateway_cache_plugin.h
                test "$(grep -c 'uint64_t added' prefix/include/gateway_cache_plugin.h)" = 14
                cp prefix/include/gateway_cache_plugin.h prefix/share/gateway/PluginKit/Sources/PluginAPI/include/
                """,
                in: folder
            )
        }

        private static func check(_ library: URL) throws {
            let report = ConformanceSuite(try TestedPlugin(library: library.path)).run()
            #expect(report.isConformant, "\(report)")
        }
    }
}
