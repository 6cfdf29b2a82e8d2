import Foundation
import Testing

extension OneAtATime {
    /// With a faulty network or server, every request gets its own answer, and hardly later.
    @Suite("A Redis in trouble", .timeLimit(.minutes(4)), .serialized)
    struct RedisFaultTests {
        private func withProxy(
            _ parameters: String = "",
            _ body: (GatewayProcess, RecordingUpstream, FaultProxy, RedisServer) async throws -> Void
        ) async throws {
            let server = try await RedisServer.start()
            let proxy = try await FaultProxy.start(before: server.port)
            let configuration = Configurations.cached(
                "type: redis\nhost: 127.0.0.1\nport: \(proxy.port)\n\(parameters)"
            )
            try await withGateway(configuration) { gateway, upstream async throws in
                upstream.answer(Load.upstream)
                try await body(gateway, upstream, proxy, server)
            }
        }

        @Test(
            "Each fault costs a request its look-up at most, and is over when it is over",
            arguments: FaultProxy.Fault.allCases
        )
        func fault(_ fault: FaultProxy.Fault) async throws {
            try await withProxy("socket_timeout: 1") { gateway, _, proxy, _ async throws in
                try await Trouble.expectNoHarm(of: fault, on: proxy, to: gateway, warmUp: 200, requests: 1_000)
            }
        }

        @Test("After five failures requests wait no longer than without a cache, and one probe finds the way back")
        func breaker() async throws {
            try await withProxy("socket_timeout: 60") { gateway, upstream, proxy, server async throws in
                let load = Load(port: gateway.port, connections: 4, questions: 20)
                _ = try await load.run(100)
                proxy.switchTo(.silence)
                _ = try await load.run(50)
                #expect(try await gateway.logged(#/left alone for a while/#))
                let calls = upstream.calls
                let commands = try await server.calls(of: "get") + server.calls(of: "set")
                // These questions were not sent before: an answer that is still being stored might be served without
                // the cache.
                let open = try await Load(port: gateway.port, connections: 4, questions: 1_000_000_000).run(2_000)
                #expect(open.hits == 0)
                #expect(upstream.calls == calls + 2_000)
                // The client's bytes pass the proxy.
                let probes = try await server.calls(of: "get") + server.calls(of: "set") - commands
                #expect(probes <= 10, "\(probes) commands for 2,000 requests")
                let uncached = try await withoutCache(upstream)
                #expect(open.latency(0.99) < uncached.latency(0.99) * 3 + 20, "\(open.latency(0.99)) ms")
                proxy.switchTo(.none)
                proxy.hangUp()
                try await Trouble.expectRecovery(load)
                #expect(gateway.log.contains("is in use again"))
            }
        }

        private func withoutCache(_ upstream: RecordingUpstream) async throws -> Load.Report {
            let gateway = try await GatewayProcess.start(
                Configurations.uncached.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            )
            let report = try await Load(port: gateway.port, connections: 4, questions: 20).run(2_000)
            gateway.terminate()
            _ = try await gateway.status
            return report
        }

        @Test("A server that is stopped or killed under load is missed by nobody, and used again when it is back")
        func stoppedAndKilled() async throws {
            try await withProxy("socket_timeout: 1") { gateway, _, _, server async throws in
                let load = Load(port: gateway.port, connections: 8, questions: 50)
                _ = try await load.run(500)
                for misfortune in ["STOP", "KILL"] {
                    let traffic = Task { try await load.run(15_000) }
                    try await Task.sleep(for: .milliseconds(100))
                    if misfortune == "STOP" { server.freeze() } else { try await server.kill() }
                    let report = try await traffic.value
                    Trouble.expectNoHarm(in: report, of: 15_000, within: Trouble.longest)
                    if misfortune == "STOP" { server.thaw() } else { try await server.restart() }
                    try await Trouble.expectRecovery(load)
                }
            }
        }

        @Test("A hundred thousand requests while faults come and go: none is swapped, none fails")
        func hundredThousand() async throws {
            try await withProxy("socket_timeout: 1") { gateway, _, proxy, _ async throws in
                let report = try await Trouble.weather(on: proxy, requests: 100_000, questions: 3_000, of: gateway)
                Trouble.expectNoHarm(in: report, of: 100_000, within: Trouble.longest + 350)
                #expect(report.hits > 5_000, "\(report.hits) hits")
                #expect(!gateway.log.contains("rule "), "the plugin broke a rule of the interface")
            }
        }
    }
}
