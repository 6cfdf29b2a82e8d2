import Foundation
import Testing

/// `POST /cache/delete` and `POST /cache/flushall`.
@Suite("Removing entries by their keys", .timeLimit(.minutes(2)))
struct DeleteTests {
    @Test("A deleted entry is gone, and the others are not", arguments: RemovalBackend.allCases)
    func delete(_ backend: RemovalBackend) async throws {
        try await backend.run { gateway, upstream async throws in
            let wrong = try await gateway.hit("wrong")
            let right = try await gateway.hit("right")
            let key = try #require(wrong["x-litellm-cache-key"])
            let foreign = "other:" + key.suffix(64)
            let answer = try await gateway.post("/cache/delete", #"{"keys":["\#(key)","\#(foreign)","nonsense"]}"#)
            #expect(answer.status == 200 && answer.json["status"].string == "success", "\(answer.text)")
            #expect(answer.json["deleted"].int == 1)
            #expect(answer.json["keys"].array.map { $0["result"].string } == ["deleted", "foreign", "foreign"])
            #expect(try await gateway.has("wrong") == false)
            #expect(try await gateway.hit("right").body == right.body)
            let again = try await gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#)
            #expect(again.status == 200, "\(again.text)")
            let calls = upstream.calls
            let new = try await gateway.chat("wrong")
            #expect(new.wasForwarded("miss") && new.content != wrong.content && upstream.calls == calls + 1)
            #expect(try await gateway.hit("wrong").content == new.content, "what is asked afterwards is cached again")
        }
    }

    @Test("The inputs of embeddings are deleted one by one")
    func embeddings() async throws {
        try await RemovalBackend.local.run { gateway, upstream async throws in
            _ = try await gateway.embed(["a", "b"])
            let hit = try await gateway.embed(["b"])
            let key = try #require(hit["x-litellm-cache-key"])
            #expect(hit.isHit)
            #expect(try await gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#).json["deleted"].int == 1)
            #expect(try await gateway.embed(["a"]).isHit)
            #expect(try await !gateway.embed(["b"]).isHit)
            #expect(upstream.calls == 2)
        }
    }

    @Test("A delete wins over a store that is under way, and over a call that is in progress")
    func underWay() async throws {
        let server = try await RedisServer.start()
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
        try await withGateway(configuration) { gateway, upstream async throws in
            let key = try #require(try await gateway.hit("pending")["x-litellm-cache-key"])
            #expect(try await gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#).status == 200)
            try await server("CLIENT", "PAUSE", "1500", "WRITE")
            let stored = try await gateway.chat("pending")
            #expect(try await gateway.chat("pending").isHit, "it is found until Redis has confirmed it")
            async let deletion = gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#)
            try await eventually("the pending store is not found any more", within: .seconds(1)) {
                try await !gateway.has("pending")
            }
            #expect(try await deletion.status == 200)
            #expect(stored.status == 200)
            #expect(try await !gateway.has("pending"))
            #expect(try await server.keys.allSatisfy { !$0.hasSuffix(String(key.suffix(64))) })

            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            let calls = upstream.calls
            async let first = gateway.chat("pending")
            try await upstream.arrival(of: calls + 1)
            #expect(try await gateway.post("/cache/delete", #"{"keys":["\#(key)"]}"#).status == 200)
            async let second = gateway.chat("pending")
            try await upstream.arrival(of: calls + 2)
            gate.open()
            let answers = try await [first, second]
            #expect(answers.allSatisfy { $0.status == 200 } && answers[0].content != answers[1].content)
            #expect(!answers[0].cacheStatus.contains("stored") && !answers[1].cacheStatus.contains("collapsed"))
            #expect(try await gateway.hit("pending").content == answers[1].content)
        }
    }

    @Test("On another gateway that shares a Redis, a call that is in progress is not stored")
    func otherGateway() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        let second = try await GatewayProcess.start(configuration)
        let key = try #require(try await first.hit("shared")["x-litellm-cache-key"])
        _ = try await first.post("/cache/delete", #"{"keys":["\#(key)"]}"#)
        let gate = Gate()
        upstream.answer { request, number in
            var answer = Answer.standard(request, number)
            answer.gate = gate
            return answer
        }
        let calls = upstream.calls
        async let slow = second.chat("shared")
        try await upstream.arrival(of: calls + 1)
        #expect(try await first.post("/cache/delete", #"{"keys":["\#(key)"]}"#).status == 200)
        gate.open()
        #expect(try await slow.status == 200)
        try await eventually("neither serves it, and it is not in Redis", within: .seconds(5)) {
            let isServed = try await [first.has("shared"), second.has("shared")]
            let keys = try await server.keys
            return isServed == [false, false] && !keys.contains(key)
        }
        for gateway in [first, second] {
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }

    @Test("A flush removes this gateway's namespace and nothing else", arguments: RemovalBackend.allCases)
    func flush(_ backend: RemovalBackend) async throws {
        try await backend.run("namespace: team-a") { gateway, _ async throws in
            for question in ["one", "two", "three"] { _ = try await gateway.hit(question) }
            _ = try await gateway.hit("four", #""cache":{"namespace":"part"}"#)
            let answer = try await gateway.post("/cache/flushall", "")
            #expect(answer.status == 200 && answer.json["status"].string == "success", "\(answer.text)")
            #expect(answer.json["removed"].int == 4, "\(answer.text)")
            for question in ["one", "two", "three"] { #expect(try await !gateway.has(question)) }
            #expect(try await gateway.hit("one").isHit, "what is asked afterwards is cached again")
        }
    }

    @Test("A flush leaves other keys of a Redis alone")
    func flushOfShared() async throws {
        let server = try await RedisServer.start()
        for key in ["sessions", "team-ab:x", "team", "other:entry"] { try await server("SET", key, "1") }
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nnamespace: team-a"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            _ = try await gateway.hit("one")
            #expect(try await gateway.post("/cache/flushall", "{}").status == 200)
            let keys = try await server.keys
            #expect(
                keys.filter { !$0.hasPrefix("team-a:") }.sorted() == ["other:entry", "sessions", "team", "team-ab:x"]
            )
            #expect(keys.count { $0.hasPrefix("team-a:") } == 1, "the record of what was purged")
        }
    }

    @Test("Only the master key removes entries, and only by POST")
    func administration() async throws {
        let general = "general_settings:\n  master_key: sk-master\n"
        try await RemovalBackend.local.run(general: general) { gateway, _ async throws in
            let master = ["Authorization": "Bearer sk-master"]
            for (path, body) in [
                ("/cache/delete", #"{"keys":["gateway:0"]}"#), ("/cache/flushall", ""),
                ("/cache/purge", #"{"before":"now"}"#),
            ] {
                #expect(try await gateway.post(path, body).status == 401)
                #expect(try await gateway.post(path, body, headers: ["Authorization": "Bearer x"]).status == 401)
                #expect(try await gateway.post(path, body, headers: master).status == 200)
                let get = try await gateway.get(path, headers: master)
                #expect(get.status == 405 && get["allow"] == "POST, OPTIONS")
            }
            #expect(try await gateway.get("/cache/stats").status == 401)
            #expect(try await gateway.get("/cache/stats", headers: master).status == 200)
        }
    }

    @Test(
        "A body of another shape is refused with the member, and removes nothing",
        arguments: [
            ("/cache/delete", #"{"keys":"all"}"#, "keys"), ("/cache/delete", "", nil), ("/cache/delete", "{", nil),
            ("/cache/delete", #"{"keys":[{}]}"#, "keys[0]"), ("/cache/flushall", #"{"db":0}"#, "db"),
            ("/cache/purge", "{}", nil), ("/cache/purge", #"{"tag":""}"#, "tag"),
            ("/cache/purge", #"{"before":"2026-13-01T00:00:00Z"}"#, "before"),
            ("/cache/purge", #"{"modle":"a"}"#, "modle"),
        ] as [(String, String, String?)]
    )
    func hostile(path: String, body: String, member: String?) async throws {
        try await RemovalBackend.local.run { gateway, _ async throws in
            _ = try await gateway.hit("kept")
            let answer = try await gateway.post(path, body)
            #expect(answer.status == 400 && answer.json["error"]["param"].string == member, "\(answer.text)")
            #expect(try await gateway.has("kept"))
            let large = #"{"keys":["# + [String](repeating: "\"a\"", count: 1_500_000).joined(separator: ",") + "]}"
            #expect(try await gateway.post("/cache/delete", large).status == 400)
        }
    }

    @Test("Without a cache nothing can be removed, which is said")
    func off() async throws {
        try await withGateway(Configurations.uncached) { gateway, _ async throws in
            for (path, body) in [
                ("/cache/delete", #"{"keys":["a"]}"#), ("/cache/flushall", ""), ("/cache/purge", #"{"before":"now"}"#),
            ] {
                let answer = try await gateway.post(path, body)
                #expect(answer.status == 503 && answer.json["error"]["message"].string?.contains("cache: true") == true)
            }
            #expect(try await gateway.get("/cache/stats").json["cache_type"].isNull)
        }
    }
}
