import Foundation
import Testing

/// Tests of `type: redis` in front of one real server.
@Suite("A Redis server as cache", .timeLimit(.minutes(3)))
struct RedisServerTests {
    /// Sends a question twice, and expects that the second answer is the first, from the cache.
    private func expectHits(_ gateway: GatewayProcess, _ question: String = "hello") async throws {
        let miss = try await gateway.chat(question)
        #expect(miss.wasForwarded("miss"), "\(miss.cacheStatus)")
        let hit = try await gateway.chat(question)
        #expect(hit.isHit, "\(hit.cacheStatus)\n\(gateway.log)")
        #expect(hit.body == miss.body)
    }

    private func redis(_ port: Int, _ parameters: String = "") -> String {
        Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(port)\n\(parameters)")
    }

    @Test("Answers repeated requests, keeps entries under the namespace, and lets Redis expire them")
    func plain() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server.port, "namespace: team-a\nttl: 90")) { gateway, upstream async throws in
            try await expectHits(gateway)
            #expect(upstream.calls == 1)
            let keys = try await server.keys
            #expect(keys.count == 1)
            let key = try #require(keys.first)
            #expect(key.wholeMatch(of: #/team-a:[0-9a-f]{64}/#) != nil)
            let left = try #require(Int(try await server("PTTL", key)))
            #expect((80_000...90_000).contains(left), "\(left)")
            _ = try await gateway.chat("short", #""cache":{"ttl":1}"#)
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await gateway.chat("short").wasForwarded("miss"))
        }
    }

    @Test("Entries outlive the gateway, and two gateways serve each other's")
    func shared() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        let configuration = redis(server.port).replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        let second = try await GatewayProcess.start(configuration)
        let answer = try await first.chat("one for all")
        #expect(try await second.chat("one for all").body == answer.body)
        #expect(try await second.chat("one for all").isHit)
        _ = try await second.embed(["a", "b"])
        try await first.hasEmbeddings(["b", "a"])
        first.terminate()
        #expect(try await first.status == 0)
        let third = try await GatewayProcess.start(configuration)
        #expect(try await third.chat("one for all").isHit)
        #expect(upstream.calls == 2)
        for gateway in [second, third] {
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }

    @Test("A batch of a hundred embedding inputs is one MGET")
    func batch() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server.port)) { gateway, upstream async throws in
            let inputs = (0..<100).map { "input \($0)" }
            _ = try await gateway.embed(inputs)
            #expect(try await server.calls(of: "set") == 100)
            try await gateway.hasEmbeddings(inputs)
            #expect(try await server.calls(of: "mget") == 2)
            #expect(try await server.calls(of: "get") == 0)
            #expect(upstream.calls == 1)
        }
    }

    @Test("A password, a user of the access control list and a database, as parameters or in a URL")
    func logins() async throws {
        let password = "p@ss:w/ord%"
        let server = try await RedisServer.start(["--requirepass", password], client: ["-a", password])
        let rules = ["~gateway:*", "+get", "+set", "+mget", "+unlink", "+ping", "+select"]
        _ = try await server.run(["ACL", "SETUSER", "alice", "on", ">\(password)"] + rules)
        try await withGateway(redis(server.port, "password: '\(password)'")) { gateway, _ async throws in
            try await expectHits(gateway)
            #expect(try await server("CLIENT", "LIST").contains("name=gateway"))
        }
        try await withGateway(redis(server.port, "username: alice\npassword: '\(password)'\ndb: 3")) {
            gateway,
            _ async throws in
            try await expectHits(gateway, "alice")
            #expect(try await server("-n", "3", "DBSIZE") == "1")
            #expect(gateway.log.contains("does not take 'client_name': NOPERM"), "she may not, and it is no obstacle")
        }
        let url = "redis://alice:p%40ss%3Aw%2Ford%25@127.0.0.1:\(server.port)/4"
        try await withGateway(Configurations.cached("type: redis\nurl: \"\(url)\"")) { gateway, _ async throws in
            try await expectHits(gateway, "alice")
            #expect(try await server("-n", "4", "DBSIZE") == "1")
            #expect(!gateway.log.contains("p@ss") && !gateway.log.contains("p%40ss"))
        }
    }

    @Test(
        "A refused log-in or database is logged once, without the password, and costs no request",
        arguments: [
            ("password: wrong-sesame", "refuses the log-in"), ("", "set 'password'"),
            ("password: sesame\ndb: 99", "has no database 99"),
        ]
    )
    func refusedLogins(parameters: String, words: String) async throws {
        let server = try await RedisServer.start(["--requirepass", "sesame"], client: ["-a", "sesame"])
        try await withGateway(redis(server.port, parameters)) { gateway, upstream async throws in
            for number in 0..<10 { #expect(try await gateway.chat("hello \(number)").status == 200) }
            #expect(upstream.calls == 10)
            try await Task.sleep(for: .milliseconds(500))
            let lines = gateway.log.split(whereSeparator: \.isNewline).filter {
                $0.contains(words) && $0.contains("degraded")
            }
            #expect(lines.count == 1, "\(gateway.log)")
            #expect(!gateway.log.contains("sesame"))
        }
    }

    @Test("A server at a Unix socket is used")
    func unixSocket() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.appending(path: "redis.sock").path
        let server = try await RedisServer.start(["--port", "0", "--unixsocket", path], client: ["-s", path])
        try await withGateway(Configurations.cached("type: redis\nurl: \"unix://\(path)?db=1\"")) {
            gateway,
            _ async throws in
            try await expectHits(gateway)
            #expect(try await server("-n", "1", "DBSIZE") == "1")
        }
        try await withGateway(Configurations.cached("type: redis\nunix_socket_path: \(path)")) {
            gateway,
            _ async throws in
            try await expectHits(gateway)
        }
    }

    @Test("The environment and .env name the server where cache_params do not, and a configured host beats REDIS_URL")
    func environment() async throws {
        let server = try await RedisServer.start(["--requirepass", "sesame"], client: ["-a", "sesame"])
        let untyped = Configurations.cached("ttl: 60")
        let url = "redis://:sesame@127.0.0.1:\(server.port)/2"
        try await withGateway(untyped, environment: ["REDIS_URL": url]) { gateway, _ async throws in
            try await expectHits(gateway)
            #expect(try await server("-n", "2", "DBSIZE") == "1")
            #expect(gateway.log.contains("the environment variable REDIS_URL is"))
        }
        let parts =
            "REDIS_HOST=127.0.0.1\nREDIS_PORT=\(server.port)\nREDIS_PASSWORD=sesame\nREDIS_DB=3\nREDIS_SSL=false\n"
        try await withGateway(untyped, dotEnv: parts) { gateway, _ async throws in
            try await expectHits(gateway)
            #expect(try await server("-n", "3", "DBSIZE") == "1")
        }
        let elsewhere = ["REDIS_URL": "rediss://:other@127.0.0.1:1/7", "REDIS_PASSWORD": "sesame"]
        try await withGateway(redis(server.port, "ssl: false"), environment: elsewhere) { gateway, _ async throws in
            try await expectHits(gateway)
        }
    }

    @Test("Arguments of redis-py that mean nothing here are warned about; unknown ones stop the start")
    func parameters() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server.port, "decode_responses: true\nhealth_check_interval: 30")) {
            gateway,
            _ async throws in
            try await expectHits(gateway)
            #expect(gateway.log.contains("'decode_responses' has no effect"))
            #expect(gateway.log.contains("'health_check_interval' has no effect"))
        }
        let directory = try TemporaryDirectory()
        let file = try directory.write(redis(server.port, "socket_timeot: 3"), to: "config.yaml")
        let check = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path]
        )
        #expect(check.status != 0)
        #expect(
            (check.standardOutput + check.standardError).contains(
                "unknown key 'socket_timeot' in cache_params; did you mean 'socket_timeout'?"
            )
        )
    }

    @Test("A full server serves hits and refuses new entries, which is logged once")
    func full() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server.port)) { gateway, _ async throws in
            try await expectHits(gateway)
            try await server("CONFIG", "SET", "maxmemory", "1")
            for index in 0..<5 { #expect(try await gateway.chat("more \(index)").status == 200) }
            #expect(try await gateway.chat("hello").isHit)
            let lines = gateway.log.split(whereSeparator: \.isNewline).filter { $0.contains("answers are not stored") }
            #expect(lines.count == 1 && lines[0].contains("raise its maxmemory"), "\(gateway.log)")
        }
    }
}
