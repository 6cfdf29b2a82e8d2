import Foundation
import Testing

/// The shipped libraries, checked as any author would check theirs.
@Suite("The bundled plugins pass `gateway plugins check`", .timeLimit(.minutes(3)))
struct BundledPluginTests {
    private func passes(
        _ check: PluginCheck,
        but exceptions: [String] = [],
        most skipped: Int,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(check.complaints == exceptions, "\(check.explanation)", sourceLocation: location)
        #expect(check.status == (exceptions.isEmpty ? 0 : 1), sourceLocation: location)
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

    /// In LiteLLM's layout, which the plugin keeps, ':' and '/' of a key are the same. The server resolves `..` as in paths,
    /// and no part between slashes may have more than 255 characters. The gateway's keys have none of this.
    @Test(
        "The S3 plugin passes every check but three of unusual keys in front of a server, and at dead and silent ones"
    )
    func bucket() async throws {
        let bucket = try await Implementation.seaweed.bucket()
        var parameters = bucket.pluginParameters
        parameters["s3_endpoint_url"] = nil
        parameters["s3_region_name"] = "us-east-1"
        let check = try await PluginCheck.run(
            "s3",
            ["--backend", "s3_endpoint_url=\(bucket.url)", "--params"] + parameters.map { "\($0)=\($1)" }
        )
        passes(
            check,
            but: [
                "FAILED keys.of-512-characters", "FAILED keys.of-every-character", "FAILED keys.that-look-like-paths",
            ],
            most: 12
        )
    }
}
