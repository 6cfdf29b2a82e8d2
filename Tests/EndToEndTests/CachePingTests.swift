import Foundation
import Testing

/// What an operator of the gateway learns about its cache.
@Suite("The cache's state", .timeLimit(.minutes(1)))
struct CachePingTests {
    @Test("/cache/ping makes a round trip, writes an entry, and says how long it took")
    func healthy() async throws {
        try await withGateway(Configurations.cached("type: local\nnamespace: team-a\nttl: 60")) {
            gateway,
            _ async throws in
            let answer = try await gateway.get("/cache/ping")
            #expect(answer.status == 200)
            #expect(answer.json["status"].string == "healthy")
            #expect(answer.json["cache_type"].string == "local")
            #expect(answer.json["ping_response"].bool == true)
            #expect(answer.json["set_cache_response"].string == "success")
            #expect(answer.json["state"].string == "up")
            #expect(try #require(answer.json["statistics"]["hits"].double) >= 1, "the plugin's own figures")
            #expect(try #require(answer.json["round_trip_ms"].double) >= 0)
            #expect(try #require(answer.json["round_trip_ms"].double) < 1_000)
            let parameters = try #require(answer.json["litellm_cache_params"].string)
            #expect(parameters.contains(#""namespace":"team-a""#))
            #expect(parameters.contains(#""max_size":"256MB""#))
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("HEAD", "/cache/ping", nil))
            #expect(try await connection.readHead().status == 200)
            #expect(try await gateway.post("/cache/ping", "{}").status == 405)
        }
    }

    @Test("/cache/ping wants the master key, which readiness does not")
    func managed() async throws {
        let configuration = Configurations.cached("type: local") + "\ngeneral_settings:\n  master_key: sk-master\n"
        try await withGateway(configuration) { gateway, _ async throws in
            #expect(try await gateway.get("/cache/ping").status == 401)
            #expect(try await gateway.get("/cache/ping", headers: ["Authorization": "Bearer sk-other"]).status == 401)
            #expect(try await gateway.get("/cache/ping", headers: ["Authorization": "Bearer sk-master"]).status == 200)
            #expect(try await gateway.get("/health/readiness").status == 200)
        }
    }

    @Test("/health/readiness reports the backend's state and round-trip time")
    func readiness() async throws {
        try await withGateway { gateway, _ async throws in
            // The first ping is made at start.
            var backend = try await gateway.get("/health/readiness").json["cache_backend"]
            for _ in 0..<100 where backend["round_trip_ms"].double == nil {
                try await Task.sleep(for: .milliseconds(20))
                backend = try await gateway.get("/health/readiness").json["cache_backend"]
            }
            #expect(backend["state"].string == "up")
            #expect(backend["round_trip_ms"].double != nil)
        }
    }

    @Test("Without a cache /cache/ping answers 503 and says what to set")
    func off() async throws {
        try await withGateway(Configurations.uncached) { gateway, _ async throws in
            let answer = try await gateway.get("/cache/ping")
            #expect(answer.status == 503)
            let error = answer.json["error"]
            #expect(error["type"].string == "cache_ping_error")
            #expect(error["param"].string == "cache_ping")
            #expect(error["code"].string == "503")
            #expect(error["message"].string?.contains("cache: true") == true)
        }
    }

    @Test("Of a backend that is down /cache/ping answers 503 with state and reason, and no secret")
    func down() async throws {
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: 1\npassword: sesame")
        try await withGateway(configuration) { gateway, _ async throws in
            let answer = try await gateway.get("/cache/ping")
            #expect(answer.status == 503)
            let message = try #require(answer.json["error"]["message"].string)
            #expect(message.hasPrefix("The cache 'redis' does not work: the ping failed"))
            #expect(message.contains("127.0.0.1:1 cannot be reached"), "\(message)")
            for _ in 0..<6 { _ = try await gateway.get("/cache/ping") }
            let open = try await gateway.get("/cache/ping")
            #expect(open.json["error"]["message"].string?.contains("its state is down") == true)
            let backend = try await gateway.get("/health/readiness").json["cache_backend"]
            #expect(backend["state"].string == "down")
            #expect(backend["round_trip_ms"].double == nil)
            #expect(!gateway.log.contains("sesame") && !open.text.contains("sesame"))
            #expect(try await gateway.chat("hello").status == 200)
        }
    }
}
