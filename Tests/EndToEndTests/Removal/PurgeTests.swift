import Foundation
import Testing

/// `POST /cache/purge`.
@Suite("Purging entries", .timeLimit(.minutes(2)))
struct PurgeTests {
    @Test("What a model has answered is purged, and what others have is not", arguments: RemovalBackend.allCases)
    func model(_ backend: RemovalBackend) async throws {
        try await backend.run { gateway, _ async throws in
            _ = try await gateway.hit("hello")
            _ = try await gateway.hit("hello", model: "gpt-4")
            let answer = try await gateway.purge(#"{"model":"gpt-4"}"#)
            #expect(answer.status == 200 && answer.json["status"].string == "success", "\(answer.text)")
            #expect(answer.json["model"].string == "gpt-4")
            #expect(try await gateway.has("hello"))
            let miss = try await gateway.chat("hello", model: "gpt-4")
            #expect(miss.wasForwarded("miss"))
            // Elsewhere the entry may have been on its way to the backend, and then it is deleted when it has arrived.
            if backend == .local { #expect(miss.cacheStatus.contains("detail=purged"), "\(miss.cacheStatus)") }
            #expect(try await gateway.hit("hello", model: "gpt-4").isHit, "what is asked afterwards is cached again")
        }
    }

    @Test("Tags of the body's cache object are what entries are purged by", arguments: RemovalBackend.allCases)
    func tag(_ backend: RemovalBackend) async throws {
        try await backend.run { gateway, upstream async throws in
            _ = try await gateway.hit("tagged", #""cache":{"tags":["prices","q3/ü"]}"#)
            _ = try await gateway.hit("other", #""cache":{"tags":["q4"]}"#)
            _ = try await gateway.hit("plain")
            #expect(!upstream.requests.contains { $0.text.contains("q3") }, "tags are for the gateway alone")
            #expect(try await gateway.has("tagged"), "tags are not part of the key")
            #expect(try await gateway.purge(#"{"tag":"q3/\u00fc"}"#).status == 200)
            #expect(try await !gateway.has("tagged"))
            for question in ["other", "plain"] { #expect(try await gateway.has(question)) }
            #expect(try await gateway.chat("x", #""cache":{"tags":[7]}"#).status == 400)
        }
    }

    @Test(
        "Everything before a time is purged, or of the tenant",
        arguments: [#"{"before":"now"}"#, #"{"tenant":"master"}"#]
    )
    func everything(body: String) async throws {
        try await RemovalBackend.redis.run { gateway, _ async throws in
            _ = try await gateway.hit("one")
            _ = try await gateway.embed(["a", "b"])
            try await gateway.hasEmbeddings(["a", "b"])
            let past = try await gateway.purge(#"{"before":"2020-01-01T00:00:00Z"}"#)
            #expect(past.status == 200 && past.json["before"].string == "2020-01-01T00:00:00.000Z")
            #expect(try await gateway.has("one"))
            #expect(try await gateway.purge(body).status == 200)
            #expect(try await !gateway.has("one"))
            #expect(try await gateway.embed(["a"]).wasForwarded("miss"))
        }
    }

    @Test("A stream that is being received goes on for its client, is not stored and takes no followers")
    func duringStream() async throws {
        try await RemovalBackend.local.run { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer { _, number in number == 1 ? .events(stream) : .chatStream(["new"]) }
            async let old = gateway.stream("hi")
            try await upstream.arrival(of: 1)
            stream.sendChunk("old ")
            #expect(try await gateway.purge(#"{"model":"gpt-3.5-turbo"}"#).status == 200)
            let new = try await gateway.stream("hi")
            #expect(new.streamedContent == "new" && !new.cacheStatus.contains("collapsed"), "\(new.cacheStatus)")
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            stream.finish()
            #expect(try await old.streamedContent == "old ")
            let hit = try await gateway.stream("hi")
            #expect(hit.isHit && hit.streamedContent == "new", "\(hit.cacheStatus)")
            #expect(upstream.calls == 2)
        }
    }

    @Test("A stale answer that was purged is not served where the model fails")
    func stale() async throws {
        try await RemovalBackend.local.run("ttl: 1\nstale_if_error: 60") { gateway, upstream async throws in
            _ = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_200))
            upstream.answer(with: .failure(503, headers: [("retry-after", "0")]))
            #expect(try await gateway.chat("hi").isHit)
            #expect(try await gateway.purge(#"{"before":"now"}"#).status == 200)
            #expect(try await gateway.chat("hi").status == 503)
        }
    }

    @Test("A model that is not configured is refused, since a misspelt name would purge nothing")
    func unknownModel() async throws {
        try await RemovalBackend.local.run { gateway, _ async throws in
            let answer = try await gateway.purge(#"{"model":"gpt-5-turbo"}"#)
            #expect(answer.status == 404 && answer.json["error"]["param"].string == "model", "\(answer.text)")
        }
    }

    @Test("A dry run removes nothing, and tells how much a purge would remove where that is known")
    func dryRun() async throws {
        try await RemovalBackend.local.run { gateway, _ async throws in
            for question in ["one", "two"] { _ = try await gateway.hit(question) }
            let all = try await gateway.purge(#"{"before":"now","dry_run":true}"#)
            #expect(all.json["would_remove"].int == 2 && all.json["dry_run"].bool == true, "\(all.text)")
            let model = try await gateway.purge(#"{"model":"gpt-4","dry_run":true}"#)
            #expect(
                model.json["would_remove"].isNull && model.json["reason"].string?.contains("does not count") == true
            )
            for question in ["one", "two"] { #expect(try await gateway.has(question)) }
        }
    }

    @Test("Gateways that share a Redis agree within a second, and one that starts later agrees at once")
    func shared() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        let configuration = Configurations.cached(
            "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nlookup_timeout: 5"
        )
        .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        let second = try await GatewayProcess.start(configuration)
        let questions = (0..<20).map { "question \($0)" }
        for question in questions { _ = try await first.hit(question, #""cache":{"tags":["t"]}"#) }
        _ = try await first.hit("untagged")
        for question in questions { #expect(try await second.has(question)) }
        let began = ContinuousClock.now
        #expect(try await first.purge(#"{"tag":"t"}"#).status == 200)
        for question in questions { #expect(try await !first.has(question)) }
        // The entries that are found too late are deleted when they are found, so that each is asked for once.
        var served = 0
        for question in questions {
            if try await second.has(question) { served += 1 }
            try await Task.sleep(for: .milliseconds(60))
        }
        let late = ContinuousClock.now - began
        if late > .seconds(1) { #expect(served < questions.count) }
        try await Task.sleep(until: began + .seconds(1))
        for question in questions { #expect(try await !second.has(question)) }
        #expect(try await second.has("untagged"))
        let third = try await GatewayProcess.start(configuration)
        for question in questions { #expect(try await !third.has(question)) }
        #expect(try await third.has("untagged"))
        for gateway in [first, second, third] {
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }

    @Test("A purge survives a restart of the gateway", arguments: [RemovalBackend.redis, .s3])
    func restart(_ backend: RemovalBackend) async throws {
        let upstream = try await RecordingUpstream.start()
        let server = backend == .redis ? try await RedisServer.start() : nil
        let bucket = backend == .s3 ? try await Implementation.seaweed.bucket() : nil
        let redis = server.map { "type: redis\nhost: 127.0.0.1\nport: \($0.port)\nlookup_timeout: 5" }
        let parameters = try #require(redis ?? bucket?.parameters("lookup_timeout: 5\npurge_interval: 1"))
        let configuration = Configurations.cached(parameters).replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        try await first.cacheIsReady()
        _ = try await first.hit("hello")
        _ = try await first.hit("hello", model: "gpt-4")
        #expect(try await first.purge(#"{"model":"gpt-4"}"#).status == 200)
        first.terminate()
        #expect(try await first.status == 0)
        let second = try await GatewayProcess.start(configuration)
        try await second.cacheIsReady()
        #expect(try await second.has("hello"))
        #expect(try await !second.has("hello", model: "gpt-4"))
        #expect(try await second.get("/cache/stats").json["purges"]["marks"].int == 1)
        second.terminate()
        #expect(try await second.status == 0)
    }

    @Test("Of a backend that is down, a purge is reported as not told to others, and applies here")
    func down() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(before: server.port)
        let parameters = "type: redis\nhost: 127.0.0.1\nport: \(proxy.port)"
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            _ = try await gateway.hit("one")
            proxy.switchTo(.refuse)
            proxy.hangUp()
            let answer = try await gateway.purge(#"{"before":"now"}"#)
            #expect(answer.status == 503, "\(answer.text)")
            #expect(answer.json["error"]["type"].string == "cache_removal_error")
            proxy.switchTo(.none)
            try await eventually("the cache works again") { try await gateway.get("/cache/ping").status == 200 }
            #expect(try await !gateway.has("one"))
            _ = try await gateway.hit("two")
            try await eventually("the record is written after all") { try await server.keys.count >= 2 }
        }
    }
}
