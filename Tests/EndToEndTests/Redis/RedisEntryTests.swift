import Foundation
import Testing

/// Entries in Redis may be large, shared, or not written by the gateway.
@Suite("Entries in Redis", .timeLimit(.minutes(2)))
struct RedisEntryTests {
    private func redis(_ server: RedisServer, _ parameters: String = "") -> String {
        Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)\n\(parameters)")
    }

    /// Damages to an entry: scripts with its key and the key of an intact entry.
    static let damages = [
        "other text": "return redis.call('SET', KEYS[1], 'nonsense')",
        "nothing": "return redis.call('SET', KEYS[1], '')",
        "a list": "redis.call('DEL', KEYS[1]) return redis.call('RPUSH', KEYS[1], 'nonsense')",
        "its first half":
            "local v = redis.call('GET', KEYS[1]) return redis.call('SET', KEYS[1], string.sub(v, 1, #v / 2))",
        "all but its last byte":
            "local v = redis.call('GET', KEYS[1]) return redis.call('SET', KEYS[1], string.sub(v, 1, -2))",
        "itself and one byte more": "return redis.call('APPEND', KEYS[1], 'x')",
        "the answer to another question": "return redis.call('COPY', KEYS[2], KEYS[1], 'REPLACE')",
    ]

    @Test("What is not the entry it should be is a miss, and the true answer takes its place", arguments: damages)
    func damaged(what: String, script: String) async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server)) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            try await gateway.cacheIsReady()
            _ = try await gateway.chat("question 1")
            try await eventually("the entry is stored") { try await server.keys.count == 1 }
            let key = try #require(try await server.keys.first)
            _ = try await gateway.chat("question 2")
            try await eventually("the other entry is stored") { try await server.keys.count == 2 }
            let other = try #require(try await server.keys.first { $0 != key })
            #expect(try await gateway.chat("question 1").isHit)
            try await server("EVAL", script, "2", key, other)

            let answer = try await gateway.chat("question 1")
            #expect(answer.status == 200)
            #expect(!answer.isHit, "\(what) was taken for the entry")
            #expect(answer.content?.hasPrefix("answer to question 1;") == true, "\(answer.text)")
            try await eventually("the true answer is stored again") {
                let again = try await gateway.chat("question 1")
                #expect(again.content?.hasPrefix("answer to question 1;") == true, "\(again.text)")
                return again.isHit
            }
            #expect(try await gateway.chat("question 2").isHit, "an entry beside it is not touched")
        }
    }

    @Test("An answer of a megabyte comes back byte for byte, also to many at once")
    func large() async throws {
        let server = try await RedisServer.start()
        // This is long enough for twenty of them at once on a busy machine.
        try await withGateway(redis(server, "lookup_timeout: 10")) { gateway, upstream async throws in
            let content = (0..<100_000).map { "\($0 % 10_000 + 10_000)-----" }.joined()
            upstream.answer(with: .chat(content))
            try await gateway.cacheIsReady()
            let answer = try await gateway.chat("a book")
            #expect(answer.content == content)
            try await eventually("the entry is stored") { try await server.keys.count == 1 }
            let hits = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let hit = try await gateway.chat("a book")
                        return hit.isHit && hit.body == answer.body
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(hits == 20)
            #expect(upstream.calls == 1)
        }
    }

    @Test("Namespaces on one Redis do not see each other's entries")
    func namespaces() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        var gateways: [GatewayProcess] = []
        for namespace in ["team-a", "team-b"] {
            let configuration = redis(server, "namespace: \(namespace)")
            gateways.append(
                try await GatewayProcess.start(configuration.replacingOccurrences(of: "UPSTREAM", with: upstream.url))
            )
        }
        let answers = [try await gateways[0].chat("who?"), try await gateways[1].chat("who?")]
        #expect(answers.allSatisfy { $0.wasForwarded("miss") })
        for (gateway, answer) in zip(gateways, answers) {
            let hit = try await gateway.chat("who?")
            #expect(hit.isHit && hit.body == answer.body)
        }
        try await eventually("each has its entry") {
            Set(try await server.keys.map { $0.prefix { $0 != ":" } }) == ["team-a", "team-b"]
        }
        for gateway in gateways {
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }

    @Test("/cache/ping tries the server and leaves nothing there")
    func ping() async throws {
        let server = try await RedisServer.start(["--requirepass", "sesame"], client: ["-a", "sesame"])
        try await server("SET", "somebody-else", "s")
        try await withGateway(redis(server, "password: sesame")) { gateway, _ async throws in
            let answer = try await gateway.get("/cache/ping")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["cache_type"].string == "redis")
            #expect(try #require(answer.json["round_trip_ms"].double) > 0)
            #expect(!answer.text.contains("sesame"))
            #expect(try await server.calls(of: "set") == 2, "ours, and that of the ping")
            try await eventually("the ping's entry is gone") { try await server.keys == ["somebody-else"] }
            #expect(try await gateway.get("/health/readiness").json["cache_backend"]["state"].string == "up")
        }
    }
}
