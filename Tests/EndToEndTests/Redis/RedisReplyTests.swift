import NIOCore
import Testing

extension OneAtATime {
    /// A Redis server that sends unrequested replies, or larger ones than are wanted.
    @Suite("Replies that are too long", .timeLimit(.minutes(2)), .serialized)
    struct RedisReplyTests {
        private static let most = 64

        /// Runs a gateway before such a server, sends it some requests, and expects its memory not to have grown.
        private func expectBounded(
            _ parameters: String = "",
            _ script: @escaping ScriptedRedis.Script,
            _ body: (GatewayProcess, ScriptedRedis) async throws -> Void = { _, _ in }
        ) async throws {
            let server = try await ScriptedRedis.start(script)
            // The record of purges is read with the first look-up alone, so that all others are GET.
            let configuration = Configurations.cached(
                "type: redis\nhost: 127.0.0.1\nport: \(server.port)\npurge_interval: 3600\n\(parameters)"
            )
            try await withGateway(configuration) { gateway, upstream async throws in
                try await eventually("the cache is connected") {
                    try await gateway.get("/health/readiness").json["cache_backend"]["state"].string == "up"
                }
                _ = try await gateway.chat("warm up")
                let usage = ProcessUsage(of: gateway)
                let before = try usage.memory
                for index in 0..<4 {
                    #expect(try await gateway.chat("question \(index)").status == 200)
                }
                try await body(gateway, server)
                let growth = try usage.peakMemory - before
                #expect(growth < Self.most, "grew by \(growth) MiB")
                #expect(upstream.calls > 0)
            }
        }

        @Test("A value of 500 MB is refused when its length is received, and nothing of it is kept")
        func largeValue() async throws {
            try await expectBounded("lookup_timeout: 2") {
                $0.first == "GET" ? .goesOn("$524288000\r\n", zeros: 524_288_002) : nil
            }
        }

        @Test("A value above max_entry_size is skipped, and the connection stays")
        func aboveEntrySize() async throws {
            let value = String(repeating: "0", count: 3_000_000)
            try await expectBounded("lookup_timeout: 5\nmax_entry_size: 1MB") { words in
                words.first == "GET" ? .says("$\(value.count)\r\n\(value)\r\n") : nil
            } _: { gateway, server in
                let answer = try await gateway.chat("another question")
                #expect(answer["Cache-Status"]?.contains("too-large") == true, "\(answer["Cache-Status"] ?? "")")
                #expect(server.calls.count { $0.first == "PING" } < 8, "no connection was lost")
            }
        }

        @Test("A value for a look-up that has timed out is dropped as it is received")
        func lateValue() async throws {
            // It is small enough to be kept, if it were still wanted.
            try await expectBounded("lookup_timeout: 50ms\nmax_entry_size: 100MB") {
                $0.first == "GET" ? .goesOnLater("$100000000\r\n", zeros: 99_999_999, after: .milliseconds(500)) : nil
            } _: { _, server in
                try await eventually("some of it has arrived") { server.zerosTaken > 90 << 20 }
            }
        }

        @Test(
            "Endless lines, impossible arrays and nested ones are refused",
            arguments: ["+", "-ERR ", ":1", "$1", "*1", "*1048576\r\n$-1\r\n", "*4\r\n*4\r\n*4\r\n*1000000\r\n"]
        )
        func endless(beginning: String) async throws {
            try await expectBounded("lookup_timeout: 2") {
                $0.first == "GET" ? .goesOn(beginning, zeros: 600_000_000) : nil
            }
        }
    }
}
