import Testing

/// `GET /cache/stats`.
@Suite("The cache's figures", .timeLimit(.minutes(1)))
struct CacheStatsTests {
    @Test("It reports entries, bytes, what is under way, the backend's state and what was purged")
    func figures() async throws {
        try await withGateway(Configurations.cached("type: local\nnamespace: team-a")) { gateway, _ async throws in
            for question in ["one", "two"] { _ = try await gateway.hit(question) }
            let stats = try await gateway.get("/cache/stats").json
            #expect(stats["cache_type"].string == "local" && stats["namespace"].string == "team-a")
            #expect(stats["state"].string == "up" && stats["reason"].isNull)
            #expect(stats["entries"].int == 2)
            #expect(try #require(stats["bytes"].double) > 100)
            #expect(stats["pending_stores"]["entries"].int == 0 && stats["pending_stores"]["bytes"].int == 0)
            #expect(stats["flights"]["calls"].int == 0)
            #expect(stats["statistics"]["hits"].double != nil)
            #expect(stats["purges"]["before"].isNull && stats["purges"]["record"].string == "none")
            _ = try await gateway.purge(#"{"model":"gpt-4"}"#)
            _ = try await gateway.purge(#"{"before":"2020-01-01T00:00:00Z"}"#)
            let purges = try await gateway.get("/cache/stats").json["purges"]
            #expect(purges["before"].string == "2020-01-01T00:00:00.000Z" && purges["marks"].int == 1)
        }
    }
}
