import Foundation
import Testing

@Suite("The example of several gateways on one Redis", .timeLimit(.minutes(1)))
struct SharedRedisExampleTests {
    @Test("Two gateways behind nginx answer from each other's entries, as README says")
    func runs() async throws {
        var environment: [String: String] = [:]
        for name in ["FRONT", "GATEWAY_1", "GATEWAY_2", "REDIS"] { environment[name] = "\(try FreePort.find())" }
        let result = try await Command.run(
            Repository.root.appending(path: "examples/shared-redis/run.sh"),
            [Repository.gateway.path],
            environment: environment
        )
        #expect(result.status == 0, "\(result.standardError)")
        let lines = result.standardOutput.lowercased().split(whereSeparator: \.isNewline)
        let statuses = lines.filter { $0.hasPrefix("cache-status:") }
        #expect(statuses.count == 4)
        #expect(statuses.first?.contains("fwd=miss; stored") == true)
        #expect(statuses.dropFirst().allSatisfy { $0.contains("; hit;") }, "\(result.standardOutput)")
        let gateways = Set(lines.filter { $0.hasPrefix("x-gateway:") })
        #expect(gateways.count == 2, "nginx takes them in turn")
    }

    @Test("Every file of it is a good configuration", arguments: ["gateway.yaml", "gateway-cluster.yaml"])
    func checks(file: String) async throws {
        let result = try await Command.run(
            Repository.gateway,
            ["check", "--config", "examples/shared-redis/\(file)", "--plugin-dir", Repository.plugins.path],
            environment: ["REDIS_HOST": "127.0.0.1", "REDIS_PORT": "6379"]
        )
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
    }
}
