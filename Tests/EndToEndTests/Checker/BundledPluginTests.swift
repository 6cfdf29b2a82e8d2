import Foundation
import Testing

/// The shipped libraries, checked as any author would check theirs.
@Suite("The bundled plugins pass `gateway plugins check`", .timeLimit(.minutes(3)))
struct BundledPluginTests {
    private func passes(
        _ check: PluginCheck,
        most skipped: Int,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(check.complaints.isEmpty, "\(check.explanation)", sourceLocation: location)
        #expect(check.status == 0, sourceLocation: location)
        #expect(check.results.count > 150, sourceLocation: location)
        #expect(check.skipped.count <= skipped, "\(check.skipped)", sourceLocation: location)
    }

    @Test("The local cache passes every check that does not need a backend")
    func local() async throws {
        let check = try await PluginCheck.run("local", ["--seed", "42"])
        passes(check, most: 26)
        #expect(
            check.score.wholeMatch(of: #/local \S+: \d+ of \d+ passed, \d+ skipped; interface 1.0; seed 42/#) != nil
        )
    }

    @Test("The Redis plugin passes every check in front of a server, and at dead and silent ones")
    func redis() async throws {
        let server = try await RedisServer.start(["--requirepass", "right"], client: ["-a", "right"])
        let check = try await PluginCheck.run(
            "redis",
            ["--backend", "redis://127.0.0.1:\(server.port)", "--params", "password=right"]
        )
        passes(check, most: 10)
    }

    @Test("The S3 plugin passes every check in front of a server, and at dead and silent ones")
    func bucket() async throws {
        let bucket = try await Implementation.seaweed.bucket()
        var parameters = bucket.pluginParameters
        parameters["s3_endpoint_url"] = nil
        parameters["s3_region_name"] = "us-east-1"
        let check = try await PluginCheck.run(
            "s3",
            ["--backend", "s3_endpoint_url=\(bucket.url)", "--params"] + parameters.map { "\($0)=\($1)" }
        )
        passes(check, most: 12)
    }
}
