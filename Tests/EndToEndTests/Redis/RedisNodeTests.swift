import Foundation
import Testing

extension OneAtATime {
    /// A failing node of a cluster does not affect the other nodes.
    @Suite("A cluster with one node in trouble", .timeLimit(.minutes(3)), .serialized)
    struct RedisNodeTests {
        /// Runs with questions, each with its entry in the cluster, and the number of entries on the last node.
        private func withCluster(
            _ body: (GatewayProcess, RedisCluster, _ load: Load, _ shareOfLast: Double) async throws -> Void
        ) async throws {
            let cluster = try await RedisCluster.start()
            for node in cluster.nodes { try await node("CONFIG", "SET", "cluster-require-full-coverage", "no") }
            let configuration = Configurations.cached("type: redis\nredis_startup_nodes: \(cluster.startupNodes)")
            try await withGateway(configuration) { gateway, upstream async throws in
                upstream.answer(Load.upstream)
                let load = Load(port: gateway.port, connections: 8, questions: 90)
                try await eventually("every question has its entry") {
                    _ = try await load.run(300)
                    return try await cluster.keys.count == 90
                }
                try await eventually("every question is a hit") { try await load.run(200).hits == 200 }
                try await body(gateway, cluster, load, Double(cluster.nodes[2].keys.count) / 90)
            }
        }

        /// Sends questions for `duration`.
        private func run(_ load: Load, for duration: Duration) async throws -> Load.Report {
            let clock = ContinuousClock()
            let end = clock.now + duration
            var report = Load.Report()
            while clock.now < end { report.add(try await load.run(100)) }
            return report
        }

        private func lines(_ log: String, _ words: String...) -> [Substring] {
            log.split(separator: "\n").filter { line in words.contains { line.contains($0) } }
        }

        private func expectQuiet(_ log: Substring, about node: RedisServer, ends: Bool) {
            let log = String(log)
            let place = "127.0.0.1:\(node.port)"
            #expect(!log.contains("too many operations in flight") && !log.contains("(busy)"), "\(log)")
            #expect(
                !log.contains("left alone for a while; requests go uncached"),
                "one node is not the cluster:\n\(log)"
            )
            let all = lines(log, place, "the cache backend")
            #expect(all.count == (ends ? 2 : 1), "\(all.joined(separator: "\n"))")
            #expect(all.first?.contains(place) == true && all.first?.contains(" warning ") == true)
            if ends { #expect(all.last?.contains("\(place) answers again") == true) }
        }

        @Test("that is stopped costs its own keys their cache, for two lines in the log")
        func stopped() async throws {
            try await withCluster { gateway, cluster, load, share in
                let before = gateway.log.endIndex
                cluster.nodes[2].freeze()
                let report = try await run(load, for: .seconds(7))
                #expect(report.errors.isEmpty && report.swapped.isEmpty, "\(report.errors.prefix(3))")
                let lost = report.answers - report.hits
                print("stopped: \(lost) of \(report.answers) without their cache, share of the node \(share)")
                #expect(
                    Double(report.hits) > Double(report.answers) * (1 - share) * 0.95,
                    "\(lost) of \(report.answers)"
                )
                // A few dozen look-ups wait for it, not one for each request.
                let waited = report.latencies.count { $0 > 200 }
                #expect(waited < 60, "\(waited) of \(report.answers) answers waited")
                expectQuiet(gateway.log[before...], about: cluster.nodes[2], ends: false)
                cluster.nodes[2].thaw()
                try await eventually("its keys are served again", within: .seconds(40)) {
                    try await load.run(200).hits == 200
                }
                try await eventually("the end is told") { gateway.log[before...].contains("answers again") }
                expectQuiet(gateway.log[before...], about: cluster.nodes[2], ends: true)
            }
        }

        @Test("that is killed costs its own keys their cache, for two lines in the log")
        func killed() async throws {
            try await withCluster { gateway, cluster, load, share in
                let before = gateway.log.endIndex
                try await cluster.nodes[2].kill()
                let report = try await run(load, for: .seconds(7))
                #expect(report.errors.isEmpty && report.swapped.isEmpty, "\(report.errors.prefix(3))")
                let lost = report.answers - report.hits
                print(
                    "killed: \(lost) of \(report.answers), \(lines(String(gateway.log[before...]), "cache").count) lines"
                )
                #expect(
                    Double(report.hits) > Double(report.answers) * (1 - share) * 0.95,
                    "\(lost) of \(report.answers)"
                )
                expectQuiet(gateway.log[before...], about: cluster.nodes[2], ends: false)
                let backend = try await gateway.get("/health/readiness").json["cache_backend"]
                #expect(backend["state"].string == "degraded" && backend["code"].string == "backend_degraded")
                let status = try await gateway.chat("question of nobody").cacheStatus
                #expect(!status.contains("busy"), "\(status)")
                try await cluster.nodes[2].restart()
                try await eventually("its keys are served again", within: .seconds(40)) {
                    try await load.run(300).hits == 300
                }
                try await eventually("the end is told") { gateway.log[before...].contains("answers again") }
                expectQuiet(gateway.log[before...], about: cluster.nodes[2], ends: true)
            }
        }
    }
}
