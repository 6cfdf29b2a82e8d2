import Foundation
import Testing

/// Changes that an operator makes to a Redis server in use. None needs a restart of the gateway.
@Suite("A Redis that changes", .timeLimit(.minutes(2)))
struct RedisChangeTests {
    private func redis(_ server: RedisServer, _ parameters: String = "") -> String {
        Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)\n\(parameters)")
    }

    /// Sends new questions until a repeated one is answered from the cache.
    private func expectHits(_ gateway: GatewayProcess, _ age: String) async throws {
        var number = 0
        try await eventually("answers are cached \(age)") {
            number += 1
            _ = try await gateway.chat("\(age) \(number)")
            return try await gateway.chat("\(age) \(number)").isHit
        }
    }

    @Test("A changed password is logged once, without its text, and used once it is valid again")
    func password() async throws {
        let server = try await RedisServer.start(
            ["--requirepass", "sesame", "--user", "operator", "on", ">o", "~*", "+@all"],
            client: ["--user", "operator", "--pass", "o"]
        )
        try await withGateway(redis(server, "password: sesame")) { gateway, upstream async throws in
            try await expectHits(gateway, "before")
            try await server("CONFIG", "SET", "requirepass", "open-up")
            try await server("CLIENT", "KILL", "USER", "default")
            // The plugin itself finds out why the new connection is refused.
            try await Task.sleep(for: .seconds(1))
            let calls = upstream.calls
            // Each question differs, because an answer is still found until its store is refused.
            for number in 0..<20 { #expect(try await gateway.chat("during \(number)").status == 200) }
            #expect(upstream.calls == calls + 20)
            #expect(try await gateway.logged(#/refuses the log-in/#))
            try await server("CONFIG", "SET", "requirepass", "sesame")
            try await expectHits(gateway, "afterwards")
            let lines = gateway.log.split(whereSeparator: \.isNewline)
            #expect(lines.filter { $0.contains("refuses the log-in") }.count == 1, "\(gateway.log)")
            #expect(!gateway.log.contains("sesame") && !gateway.log.contains("open-up"))
        }
    }

    @Test("A replica serves hits; that it stores no entries is logged once, and is over when it is promoted")
    func replica() async throws {
        let master = try await RedisServer.start()
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        try await withGateway(redis(master)) { gateway, upstream async throws in
            try await gateway.cacheIsReady()
            let answer = try await gateway.chat("hello")
            try await eventually("the entry is at the replica") { try await replica.keys.count == 1 }
            let reader = try await GatewayProcess.start(
                redis(replica).replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            )
            let began = ContinuousClock.now
            for number in 0..<10 {
                #expect(try await reader.chat("of the replica \(number)").status == 200)
                let hit = try await reader.chat("hello")
                #expect(hit.isHit && hit.body == answer.body, "\(hit.cacheStatus)\n\(reader.log)")
            }
            #expect(try await replica.keys.count == 1)
            let lines = reader.log.split(whereSeparator: \.isNewline).filter {
                $0.contains("is a replica and takes no writes") && $0.contains("degraded")
            }
            // It is logged again at each further check, the first after ten seconds.
            let most = 1 + Int((ContinuousClock.now - began) / .seconds(10))
            #expect((1...most).contains(lines.count), "\(reader.log)")
            try await replica("REPLICAOF", "NO", "ONE")
            try await expectHits(reader, "after the promotion")
            reader.terminate()
            #expect(try await reader.status == 0)
        }
    }

    @Test("A server that still loads its data costs no request an error, and is used when it has loaded them")
    func loading() async throws {
        // Each key takes 10 ms to load, so that 300 take 3 s.
        let server = try await RedisServer.start(
            ["--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"]
                + ["--enable-debug-command", "yes"]
        )
        try await withGateway(redis(server)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            let answer = try await gateway.chat("kept")
            try await eventually("the entry is stored") { try await server.keys.count == 1 }
            try await server("DEBUG", "POPULATE", "300", "filler", "500")
            try await server("SAVE")
            try await server.kill()
            try server.relaunch()
            try await eventually("the server loads") { (try? await server.isLoading) == true }
            for number in 0..<20 { #expect(try await gateway.chat("during \(number)").status == 200) }
            try await eventually("the server has loaded") { !(try await server.isLoading) }
            try await eventually("the entry of before is a hit") {
                let hit = try await gateway.chat("kept", #""cache":{"no-store":true}"#)
                return hit.isHit && hit.body == answer.body
            }
            try await expectHits(gateway, "afterwards")
        }
    }
}
