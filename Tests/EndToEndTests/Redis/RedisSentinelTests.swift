import Foundation
import Testing

@Suite("A master that sentinels watch as cache", .timeLimit(.minutes(3)), .serialized)
struct RedisSentinelTests {
    private func configuration(_ group: RedisSentinels, _ parameters: String = "") -> String {
        Configurations.cached(
            "type: redis\nsentinel_nodes: \(group.nodes)\nservice_name: \(RedisSentinels.service)\n\(parameters)"
        )
    }

    /// Waits until the sentinels have another master.
    private func newMaster(_ group: RedisSentinels, after old: Int) async throws {
        try await eventually("the sentinels have another master", within: .seconds(40)) {
            try await group.masterPort != old
        }
    }

    @Test("A fail-over during traffic is followed without a restart")
    func failOver() async throws {
        let group = try await RedisSentinels.start(password: "sesame")
        try await withGateway(configuration(group, "password: sesame")) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            let load = Load(port: gateway.port, connections: 4, questions: 50)
            _ = try await load.run(500)
            let old = try await group.masterPort
            let traffic = Task { try await load.run(10_000) }
            try await group.failOver()
            try await newMaster(group, after: old)
            let report = try await traffic.value
            #expect(report.errors.isEmpty && report.swapped.isEmpty)
            let port = try await group.masterPort
            let master = try #require(group.servers.first { $0.port == port })
            try await eventually("the replica is promoted") { try await master("ROLE").hasPrefix("master") }
            let count = try await master.keys.count
            var number = 0
            try await eventually("what is stored from now on is stored at the new master") {
                number += 1
                #expect(try await gateway.chat("question \(number) of the new age").status == 200)
                return try await master.keys.count > count
            }
        }
    }

    @Test("A master that hangs, or is killed, is left for the one that takes over", arguments: [true, false])
    func lostMaster(hangs: Bool) async throws {
        let group = try await RedisSentinels.start()
        try await withGateway(configuration(group)) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            let load = Load(port: gateway.port, connections: 4, questions: 50)
            _ = try await load.run(500)
            let old = try await group.masterPort
            let server = try #require(group.servers.first { $0.port == old })
            if hangs { server.freeze() } else { try await server.kill() }
            let during = try await load.run(4_000)
            #expect(during.errors.isEmpty && during.swapped.isEmpty)
            try await newMaster(group, after: old)
            try await eventually("the new master serves") { try await load.run(200).hits == 200 }
            server.thaw()
        }
    }
}
