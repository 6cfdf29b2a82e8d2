import Foundation
import Testing

extension OneAtATime {
    /// With a faulty network or bucket, every request gets its own answer, and hardly later.
    @Suite("A bucket in trouble", .timeLimit(.minutes(4)), .serialized)
    struct S3FaultTests {
        private func withProxy(
            _ parameters: String = "",
            _ body: (GatewayProcess, RecordingUpstream, FaultProxy) async throws -> Void
        ) async throws {
            let bucket = try await Implementation.seaweed.bucket()
            let proxy = try await FaultProxy.start(before: bucket.port)
            let configuration = Configurations.cached(bucket.parameters(parameters, port: proxy.port))
            try await withGateway(configuration) { gateway, upstream async throws in
                upstream.answer(Load.upstream)
                try await body(gateway, upstream, proxy)
            }
        }

        @Test(
            "Each fault costs a request its look-up at most, and is over when it is over",
            arguments: FaultProxy.Fault.allCases
        )
        func fault(_ fault: FaultProxy.Fault) async throws {
            try await withProxy("s3_config: {read_timeout: 2, connect_timeout: 2}") { gateway, _, proxy async throws in
                try await Trouble.expectNoHarm(of: fault, on: proxy, to: gateway, warmUp: 100, requests: 500)
            }
        }

        @Test("Twenty thousand requests while faults come and go: none is swapped, none fails")
        func weather() async throws {
            try await withProxy("s3_config: {read_timeout: 2, connect_timeout: 2, max_pool_connections: 32}") {
                gateway,
                _,
                proxy async throws in
                let report = try await Trouble.weather(on: proxy, requests: 20_000, questions: 1_000, of: gateway)
                Trouble.expectNoHarm(in: report, of: 20_000, within: Trouble.longest + 350)
                #expect(report.hits > 1_000, "\(report.hits) hits")
            }
        }

        @Test("After five failures requests wait no longer than without a cache, and one probe finds the way back")
        func breaker() async throws {
            try await withProxy("s3_config: {read_timeout: 60}") { gateway, upstream, proxy async throws in
                let load = Load(port: gateway.port, connections: 4, questions: 20)
                _ = try await load.run(100)
                proxy.switchTo(.silence)
                _ = try await load.run(50)
                #expect(try await gateway.logged(#/left alone for a while/#))
                let calls = upstream.calls
                let open = try await Load(port: gateway.port, connections: 4, questions: 1_000_000_000).run(2_000)
                #expect(open.hits == 0 && upstream.calls == calls + 2_000)
                // Without a breaker each request would wait 250 ms.
                #expect(open.latency(0.9) < 100, "\(open.latency(0.9)) ms")
                proxy.switchTo(.none)
                proxy.hangUp()
                try await Trouble.expectRecovery(load)
            }
        }
    }
}
