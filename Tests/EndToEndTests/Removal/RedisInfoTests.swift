import Testing

/// `GET /cache/redis/info`.
@Suite("What Redis tells", .timeLimit(.minutes(1)))
struct RedisInfoTests {
    @Test("Of a Redis server, its clients and its figures are told in LiteLLM's shape, without the password")
    func server() async throws {
        let server = try await RedisServer.start(["--requirepass", "sesame"], client: ["-a", "sesame"])
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)\npassword: sesame"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            _ = try await gateway.hit("one")
            let answer = try await gateway.get("/cache/redis/info")
            #expect(answer.status == 200, "\(answer.text)")
            let clients = answer.json["clients"].array
            #expect(answer.json["num_clients"].int == clients.count && clients.count >= 2)
            #expect(
                clients.contains {
                    $0["name"].string == "gateway" && $0["addr"].string?.hasPrefix("127.0.0.1:") == true
                }
            )
            let info = answer.json["info"]
            #expect(info["tcp_port"].int == server.port)
            #expect(info["redis_version"].string?.contains(".") == true)
            #expect(info["db0"]["keys"].string == "1")
            #expect(!answer.text.contains("sesame"))
        }
    }

    @Test("Of a cluster, the clients of all servers are told")
    func cluster() async throws {
        let cluster = try await RedisCluster.start()
        let parameters = "type: redis\nredis_startup_nodes: \(cluster.startupNodes)"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            let answer = try await gateway.get("/cache/redis/info")
            #expect(answer.status == 200, "\(answer.text)")
            let servers = Set(answer.json["clients"].array.compactMap { $0["laddr"].string })
            #expect(servers.count >= 3, "\(servers)")
        }
    }

    @Test("Without Redis, or where it does not answer, the answer is 503 and says why")
    func none() async throws {
        for (parameters, words) in [
            ("type: local", "has no server"),
            ("type: redis\nhost: 127.0.0.1\nport: 1", "127.0.0.1:1 cannot be reached"),
        ] {
            try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
                let answer = try await gateway.get("/cache/redis/info")
                #expect(answer.status == 503)
                #expect(answer.json["error"]["message"].string?.contains(words) == true, "\(answer.text)")
            }
        }
        try await withGateway(Configurations.uncached) { gateway, _ async throws in
            #expect(try await gateway.get("/cache/redis/info").status == 503)
        }
    }

    @Test("Only the master key may see it")
    func managed() async throws {
        let configuration = Configurations.local + "general_settings:\n  master_key: sk-master\n"
        try await withGateway(configuration) { gateway, _ async throws in
            #expect(try await gateway.get("/cache/redis/info").status == 401)
            let master = ["Authorization": "Bearer sk-master"]
            #expect(try await gateway.get("/cache/redis/info", headers: master).status == 503)
            #expect(try await gateway.post("/cache/redis/info", "", headers: master).status == 405)
        }
    }
}
