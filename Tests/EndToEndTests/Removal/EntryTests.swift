import Testing

/// `GET /cache/entry`.
@Suite("Looking an entry up by its key", .timeLimit(.minutes(2)))
struct EntryTests {
    @Test("It tells everything but the content, on every backend", arguments: RemovalBackend.allCases)
    func metadata(_ backend: RemovalBackend) async throws {
        let windows = "ttl: 600\nstale_while_revalidate: 60\nstale_if_error: 120\nnamespace: team-a"
        try await backend.run(windows) { gateway, upstream async throws in
            let hit = try await gateway.hit("a secret question")
            let key = try #require(hit["x-litellm-cache-key"])
            let calls = upstream.calls
            // S3 may still be storing it.
            try await eventually("the backend has it") {
                try await gateway.get("/cache/entry?key=\(key)").json["stored_bytes"].int != nil
            }
            let answer = try await gateway.get("/cache/entry?key=\(key)")
            let entry = answer.json
            #expect(answer.status == 200 && entry["key"].string == key && entry["state"].string == "fresh")
            #expect(entry["models"].array.map(\.string) == ["gpt-3.5-turbo"])
            #expect(entry["tenants"].array.count == 1 && entry["form"].string == "json" && entry["status"].int == 200)
            #expect(entry["content_type"].string == "application/json" && entry["sealed"].string == nil)
            #expect(entry["tokens"]["input"].int == hit.json["usage"]["prompt_tokens"].int)
            #expect(entry["body_bytes"].int == hit.body.count)
            #expect(try #require(entry["stored_bytes"].int) > hit.body.count)
            #expect(entry["ttl_s"].double == 600 && entry["stale_while_revalidate_s"].double == 60)
            #expect(entry["stale_if_error_s"].double == 120)
            let left = try #require(entry["remaining_s"].double)
            let age = try #require(entry["age_s"].double)
            #expect(left > 540 && left <= 600 && age >= 0 && abs(left + age - 600) < 0.01)
            #expect(entry["stored_at"].string?.hasPrefix("20") == true && entry["call_began"].string != nil)
            #expect(!answer.text.contains("secret question"), "\(answer.text)")
            if let content = hit.content { #expect(!answer.text.contains(content)) }
            #expect(upstream.calls == calls)

            #expect(try await gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#).status == 200)
            let gone = try await gateway.get("/cache/entry?key=\(key)")
            #expect(gone.status == 404 && gone.json["error"]["code"].string == "not_cached", "\(gone.text)")
        }
    }

    @Test("A sealed entry is told of, and one that cannot be opened is unreadable")
    func sealed() async throws {
        let server = try await RedisServer.start()
        let key = String(repeating: "ab", count: 32)
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nentry_keys: [\"\(key)\"]"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            let name = try #require(try await gateway.hit("sealed")["x-litellm-cache-key"])
            let entry = try await gateway.get("/cache/entry?key=\(name)").json
            #expect(entry["state"].string == "fresh" && entry["models"].array.map(\.string) == ["gpt-3.5-turbo"])
            try await server("SET", name, "forged bytes")
            let forged = try await gateway.get("/cache/entry?key=\(name)")
            #expect(forged.status == 200 && forged.json["state"].string == "unreadable", "\(forged.text)")
            #expect(forged.json["stored_bytes"].int == 12)
            #expect(try await server.keys.contains(name), "looking at it changes nothing")
        }
    }

    @Test("What is past its time and what was purged is told of, and stays where it is")
    func states() async throws {
        let server = try await RedisServer.start()
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nstale_if_error: 600"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            _ = try await gateway.chat("short", #""cache":{"ttl":0.3}"#)
            let key = try #require(try await gateway.hit("short", #""cache":{"ttl":0.3}"#)["x-litellm-cache-key"])
            try await eventually("it is stale") {
                try await gateway.get("/cache/entry?key=\(key)").json["state"].string == "stale"
            }
            let stale = try await gateway.get("/cache/entry?key=\(key)").json
            #expect(try #require(stale["remaining_s"].double) < 0)
            _ = try await gateway.purge(#"{"model":"gpt-3.5-turbo"}"#)
            #expect(try await gateway.get("/cache/entry?key=\(key)").json["state"].string == "purged")
            #expect(try await server.keys.contains(key))
        }
    }

    @Test("What is no key of this gateway is refused, a dead backend is said, and only the master key may look")
    func refused() async throws {
        let server = try await RedisServer.start()
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)"
        let file = Configurations.cached(parameters) + "general_settings:\n  master_key: sk-master\n"
        try await withGateway(file) { gateway, _ async throws in
            let master = ["Authorization": "Bearer sk-master"]
            let digest = String(repeating: "0", count: 64)
            for query in ["", "?key=", "?key=nonsense", "?key=other:\(digest)", "?key=%zz"] {
                let answer = try await gateway.get("/cache/entry" + query, headers: master)
                #expect(answer.status == 400 && answer.json["error"]["param"].string == "key", "\(query)")
            }
            try await eventually("the backend answers") {
                try await gateway.get("/cache/entry?key=gateway:\(digest)", headers: master).status == 404
            }
            #expect(try await gateway.get("/cache/entry?key=gateway:\(digest)").status == 401)
            #expect(try await gateway.post("/cache/entry?key=gateway:\(digest)", "", headers: master).status == 405)
            try await server.kill()
            let answer = try await gateway.get("/cache/entry?key=gateway:\(digest)", headers: master)
            #expect(answer.status == 503, "\(answer.text)")
        }
        try await withGateway(Configurations.uncached) { gateway, _ async throws in
            #expect(try await gateway.get("/cache/entry?key=gateway:00").status == 503)
        }
    }
}
