import Foundation
import Testing

extension OneAtATime {
    /// However often something goes wrong, the log reports it in a few lines.
    @Suite("Limits on log lines", .timeLimit(.minutes(2)))
    struct LimitedLogTests {
        /// Sends 3,000 requests with a cache that behaves as `parameters` say, stops the gateway, and returns its log.
        private func log(of parameters: String) async throws -> [Substring] {
            let folder = try await Talkative.compiled()
            let upstream = try await RecordingUpstream.start(Load.upstream)
            let gateway = try await GatewayProcess.start(
                Configurations.cached("type: talkative\n\(parameters)")
                    .replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                plugins: folder.url
            )
            let report = try await Load(port: gateway.port, connections: 8, questions: 1_000_000).run(3_000)
            #expect(report.errors.isEmpty && report.swapped.isEmpty)
            gateway.terminate()
            #expect(try await gateway.status == 0)
            #expect(try await gateway.logged(#/ stopped\n/#))
            return gateway.log.split(separator: "\n")
        }

        @Test("3,000 entries that cannot be used are a handful of lines and their number")
        func unreadable() async throws {
            let lines = try await log(of: "behaviour: nonsense").filter { $0.contains("could not be used") }
            #expect(lines.count <= 10, "\(lines.count) lines")
            let leftOut = lines.compactMap { $0.firstMatch(of: #/ (\d+) more lines? /#)?.output.1 }.compactMap {
                Int($0)
            }
            #expect(leftOut.reduce(0, +) + lines.count - leftOut.count == 3_000, "each is counted")
        }

        @Test("Look-ups that fail and succeed in turn are one outage")
        func flapping() async throws {
            let lines = try await log(of: "behaviour: flap").filter {
                $0.contains("cache backend") && !$0.contains("notice")
            }
            #expect((1...3).contains(lines.count), "\(lines.count) lines: \(lines.prefix(5))")
        }

        @Test("3,000 warnings of a plugin are some lines and their number")
        func plugin() async throws {
            let lines = try await log(of: "behaviour: warn\nlines: 2").filter { $0.contains("begin-") }
            #expect(lines.count <= 3 * 61, "\(lines.count) lines")
        }

        @Test("An outage is one line, and its end is another")
        func outage() async throws {
            let server = try await RedisServer.start()
            let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
            try await withGateway(configuration) { gateway, upstream async throws in
                upstream.answer(Load.upstream)
                try await gateway.cacheIsReady()
                try await server.kill()
                let load = Load(port: gateway.port, connections: 8, questions: 1_000_000)
                let report = try await load.run(2_000)
                #expect(report.errors.isEmpty && report.swapped.isEmpty)
                try await server.restart()
                try await eventually("the end of the outage is told", within: .seconds(60)) {
                    _ = try await load.run(8)
                    return gateway.log.contains("answers again")
                }
                let lines = gateway.log.split(separator: "\n")
                #expect(lines.filter { $0.contains("requests go upstream without the cache") }.count == 1)
                #expect(lines.filter { $0.contains("the cache backend answers again") }.count == 1)
                #expect(lines.count <= 20, "\(gateway.log)")
            }
        }
    }
}
