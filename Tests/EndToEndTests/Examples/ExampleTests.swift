import Foundation
import PluginConformance
import Testing

/// The plugins of examples/plugins, each built by the command of its README with nothing but what is installed.
@Suite("The example plugins", .timeLimit(.minutes(3)))
struct ExampleTests {
    @Test("An example that keeps its entries in memory keeps every rule", arguments: ["memory-c", "memory-swift"])
    func inMemory(name: String) async throws {
        let library = try await ExamplePlugin.built(name).appending(path: "libgateway-cache-\(name).so")
        let report = ConformanceSuite(try TestedPlugin(library: library.path)).run()
        #expect(report.isConformant, "\(report)")
    }

    @Test("An example that keeps its entries in memory serves a hit", arguments: ["memory-swift"])
    func hit(name: String) async throws {
        let folder = try await ExamplePlugin.built(name)
        try await withGateway(Configurations.cached("type: \(name)"), plugins: folder) {
            gateway,
            upstream async throws in
            let miss = try await gateway.chat("hello")
            let hit = try await gateway.chat("hello")
            #expect(hit.isHit && hit.body == miss.body)
            #expect(upstream.calls == 1)
        }
    }
}
