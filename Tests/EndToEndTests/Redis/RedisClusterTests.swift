import Foundation
import Testing

@Suite("A Redis cluster as cache", .timeLimit(.minutes(3)), .serialized)
struct RedisClusterTests {
    private func configuration(_ cluster: RedisCluster) -> String {
        Configurations.cached("type: redis\nredis_startup_nodes: \(cluster.startupNodes)")
    }

    @Test("Keys are spread over the nodes, and a batch finds all of its parts")
    func spread() async throws {
        let cluster = try await RedisCluster.start()
        try await withGateway(configuration(cluster)) { gateway, upstream async throws in
            let inputs = (0..<100).map { "input \($0)" }
            _ = try await gateway.embed(inputs)
            try await gateway.hasEmbeddings(inputs)
            #expect(upstream.calls == 1)
            #expect(try await cluster.keys.count == 100)
            for node in cluster.nodes { #expect(try await node.keys.count > 10) }
        }
        // The environment alone gives the same information.
        let nodes = "[{\"host\": \"127.0.0.1\", \"port\": \"\(cluster.nodes[1].port)\"}]"
        try await withGateway(Configurations.cached("ttl: 60"), environment: ["REDIS_CLUSTER_NODES": nodes]) {
            gateway,
            _ async throws in
            _ = try await gateway.embed(["input 7"])
            #expect(try await gateway.embed(["input 7"]).isHit)
            #expect(try await cluster.keys.count == 101)
        }
    }

    @Test("A slot that moves during traffic is followed, by ASK and by MOVED")
    func moving() async throws {
        let cluster = try await RedisCluster.start()
        try await withGateway(configuration(cluster)) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            _ = try await gateway.chat("question 1")
            let key = try #require(try await cluster.keys.first)
            let slot = try await cluster.slot(of: key)
            let source = try await cluster.owner(of: slot)
            let target = (source + 1) % 3
            let traffic = Task { try await Load(port: gateway.port, connections: 8, questions: 50).run(12_000) }
            try await cluster.beginMove(of: slot, from: source, to: target)
            #expect(try await gateway.chat("question 1").isHit, "still at the old node")
            try await cluster.moveKeys(of: slot, from: source, to: target)
            #expect(try await gateway.chat("question 1").isHit, "at the new node, by ASK")
            try await cluster.endMove(of: slot, to: target)
            #expect(try await gateway.chat("question 1").isHit, "at the new node, by MOVED")
            let report = try await traffic.value
            #expect(
                report.answers == 12_000 && report.errors.isEmpty && report.swapped.isEmpty,
                "\(report.errors.prefix(3))"
            )
            #expect(report.hits > 11_000)
            try await eventually("the layout is known, and no command goes astray any more") {
                let before = try await cluster.nodes[source].calls(of: "get")
                #expect(try await gateway.chat("question 1").isHit)
                return try await cluster.nodes[source].calls(of: "get") == before
            }
        }
    }

    @Test("A node that is gone costs the keys of its slots, and no others, and no error")
    func nodeGone() async throws {
        let cluster = try await RedisCluster.start()
        for node in cluster.nodes { try await node("CONFIG", "SET", "cluster-require-full-coverage", "no") }
        try await withGateway(configuration(cluster)) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            let load = Load(port: gateway.port, connections: 8, questions: 60)
            _ = try await load.run(600)
            try await cluster.nodes[2].kill()
            let report = try await load.run(2_000)
            #expect(report.errors.isEmpty && report.swapped.isEmpty)
            #expect(report.hits > 500 && report.hits < 2_000)
            try await cluster.nodes[2].restart()
            try await eventually("its keys are served again") { try await load.run(300).hits == 300 }
        }
    }

    @Test("A cluster that serves nothing while a slot has no node costs no request an error, and is used again")
    func down() async throws {
        let cluster = try await RedisCluster.start()
        try await withGateway(configuration(cluster)) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            let load = Load(port: gateway.port, connections: 4, questions: 60)
            _ = try await load.run(600)
            try await cluster.nodes[2].kill()
            try await eventually("the cluster is down") {
                try await cluster.nodes[0]("CLUSTER", "INFO").contains("cluster_state:fail")
            }
            let report = try await load.run(2_000)
            #expect(report.errors.isEmpty && report.swapped.isEmpty, "\(report.errors.prefix(3))")
            try await cluster.nodes[2].restart()
            try await eventually("all keys are served again", within: .seconds(40)) {
                try await load.run(300).hits == 300
            }
        }
    }
}
