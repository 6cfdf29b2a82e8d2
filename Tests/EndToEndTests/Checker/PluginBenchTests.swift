import Foundation
import Testing

@Suite("`gateway plugins bench`", .timeLimit(.minutes(1)))
struct PluginBenchTests {
    private func bench(_ plugin: String, _ more: [String]) async throws -> Command.Result {
        try await Command.run(
            Repository.gateway,
            ["plugins", "bench", plugin, "--plugin-dir", Repository.plugins.path, "--seconds", "0.4"] + more
        )
    }

    @Test("Measures sets and gets for each size and batch, all of which succeed")
    func local() async throws {
        let result = try await bench("local", ["--sizes", "128", "4096", "--batches", "1", "16", "--json"])
        let rows = JSON(Array(result.standardOutput.utf8)).array
        #expect(result.status == 0 && rows.count == 8, "\(result)")
        #expect(rows.map { $0["operation"].string } == (0..<4).flatMap { _ in ["set", "get"] })
        for row in rows {
            #expect(row["success"].double == 1 && (row["operations_per_second"].double ?? 0) > 0, "\(result)")
            let times = ["p50", "p90", "p99", "p99.9"].map { row["microseconds"][$0].double ?? 0 }
            #expect(times == times.sorted())
        }
    }

    @Test("Leaves nothing in a backend")
    func cleaning() async throws {
        let server = try await RedisServer.start()
        let result = try await bench("redis", ["--params", "host=127.0.0.1", "port=\(server.port)", "--sizes", "100"])
        #expect(result.status == 0 && result.standardOutput.contains("p99.9 us"), "\(result)")
        #expect(try await server.keys.isEmpty)
    }

    @Test("A parameter that the plugin does not have is an error of the command line")
    func unknown() async throws {
        let result = try await bench("local", ["--params", "none=1"])
        #expect(result.status == 64 && result.standardError.contains("no parameter 'none'"), "\(result)")
    }
}
