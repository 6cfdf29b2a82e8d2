import Foundation
import PluginConformance
import Testing

/// The shipped library in front of a real server, driven as any host may drive it.
@Suite("The Redis plugin keeps the interface's rules", .timeLimit(.minutes(3)))
struct RedisConformanceTests {
    @Test("The Redis plugin passes every check in front of one server")
    func server() async throws {
        let server = try await RedisServer.start()
        let plugin = try TestedPlugin(library: Repository.plugins.appending(path: "libgateway-cache-redis.so").path)
        let report = ConformanceSuite(plugin, ["host": "127.0.0.1", "port": "\(server.port)"]).run()
        #expect(report.isConformant, "\(report)")
    }
}
