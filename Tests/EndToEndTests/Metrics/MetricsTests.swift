import Foundation
import Testing

/// `GET /metrics`: the numbers after known requests.
@Suite("Metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    private static let chat = ["endpoint": "/v1/chat/completions", "model": "gpt-3.5-turbo"]

    private func requests(_ scrape: Scrape, _ cache: String, _ status: String = "200") -> Double {
        scrape.sum("gateway_requests_total", Self.chat.merging(["cache": cache, "status": status]) { $1 })
    }

    @Test("A miss, hits, a bypass, an error and requests for nothing are counted as what they are")
    func outcomes() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("one")
            for _ in 0..<3 { #expect(try await gateway.chat("one").isHit) }
            _ = try await gateway.chat("one", headers: ["Cache-Control": "no-cache"])
            _ = try await gateway.chat("one", #""cache":{"no-store":true,"no-cache":true}"#)
            upstream.answer { _, _ in .failure(400) }
            _ = try await gateway.chat("bad")
            _ = try await gateway.chat("hi", model: "no-such-model")
            _ = try await gateway.get("/no/such/path")
            let scrape = try await gateway.scrape()
            #expect(requests(scrape, "hit") == 3)
            #expect(requests(scrape, "miss") == 3)
            #expect(requests(scrape, "miss", "400") == 1)
            #expect(scrape.value("gateway_cache_misses_total", ["reason": "absent"]) == 2)
            #expect(scrape.value("gateway_cache_misses_total", ["reason": "no-cache"]) == 2)
            let refused = scrape.samples.filter {
                $0.name == "gateway_requests_total" && $0.labels["status"] == "404" && $0.labels["cache"] == "none"
            }
            #expect(refused.map(\.value) == [1, 1], "an unknown path and an unknown model")
            #expect(refused.allSatisfy { $0.labels["model"] == nil })
            #expect(Set(refused.map { $0.labels["endpoint"] }) == [nil, "/v1/chat/completions"])
            #expect(scrape.sum("gateway_request_duration_seconds_count", ["cache": "hit"]) == 3)
            #expect(scrape.sum("gateway_cache_lookup_duration_seconds_count", ["cache": "hit"]) == 3)
            #expect(scrape.value("gateway_cache_hit_age_seconds_count") == 3)
            #expect(scrape.value("gateway_upstream_attempts_total", ["model": "gpt-3.5-turbo"]) == 4)
            #expect(scrape.value("gateway_backend_entries", ["backend": "local"]) == 1)
            #expect(try #require(scrape.value("gateway_backend_bytes")) > 100)
            #expect(scrape.value("gateway_backend_statistic_total", ["name": "hits"]) == 3)
            #expect(try #require(scrape.value("gateway_backend_operations_total", ["operation": "get"])) >= 5)
            #expect(try #require(scrape.value("process_resident_memory_bytes")) > 1_000_000)
            let version = try Repository.version
            #expect(scrape.value("gateway_build_info", ["version": version]) == 1)
            #expect(!scrape.text.contains("no-such"), "what clients invent is no label")
        }
    }

    @Test("Tokens and dollars are spent by the request that had a model called, and saved by those from the cache")
    func dollars() async throws {
        let configuration = """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/gpt-3.5-turbo, api_base: "UPSTREAM/v1", api_key: k}
                model_info: {input_cost_per_token: 0.5, output_cost_per_token: 0.25}
            litellm_settings: {cache: true, cache_params: {type: local}}
            """
        try await withGateway(configuration) { gateway, _ async throws in
            for _ in 0..<3 { #expect(try await gateway.chat("one").status == 200) }
            let scrape = try await gateway.scrape()
            // Each answer has 13 and 24 tokens.
            #expect(scrape.value("gateway_spent_tokens_total", ["type": "input"]) == 13)
            #expect(scrape.value("gateway_spent_tokens_total", ["type": "output"]) == 24)
            #expect(scrape.value("gateway_saved_tokens_total", ["type": "input"]) == 26)
            #expect(scrape.value("gateway_saved_tokens_total", ["type": "output"]) == 48)
            #expect(scrape.value("gateway_spent_dollars_total") == 12.5)
            #expect(scrape.value("gateway_saved_dollars_total") == 25)
        }
    }

    @Test("A stream's first token and its pieces are measured, and a client that leaves is counted")
    func streams() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
            stream.sendChunk("one")
            _ = try await connection.readHead()
            try await eventually("the stream is under way") { try await gateway.scrape().value("gateway_streams") == 1 }
            for number in 0..<5 {
                try await Task.sleep(for: .milliseconds(10))
                stream.sendChunk("more \(number)")
            }
            stream.send("[DONE]")
            stream.finish()
            var events = EventReader(connection)
            while try await events.next() != nil {}
            let scrape = try await gateway.scrape()
            #expect(scrape.value("gateway_time_to_first_token_seconds_count", ["cache": "miss"]) == 1)
            #expect(scrape.value("gateway_time_between_tokens_seconds_count", ["cache": "miss"]) == 1)
            let gap = try #require(scrape.value("gateway_time_between_tokens_seconds_sum", ["cache": "miss"]))
            #expect(gap > 0.005 && gap < 1, "\(gap)")
            #expect(scrape.value("gateway_streams") == 0)

            let calls = upstream.calls
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            do {
                let leaving = try await gateway.asking("never read")
                try await upstream.arrival(of: calls + 1)
                try await leaving.close()
            }
            try await eventually("the client's leaving is counted") {
                try await gateway.scrape().sum("gateway_unfinished_requests_total", ["reason": "client_gone"]) == 1
            }
            gate.open()
        }
    }

    @Test("Requests that share a call are coalesced, and save what it cost")
    func coalesced() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            async let first = gateway.chat("shared")
            try await upstream.arrival(of: 1)
            async let second = gateway.chat("shared")
            async let third = gateway.chat("shared")
            try await eventually("two follow") {
                let scrape = try await gateway.scrape()
                return scrape.value("gateway_cache_flights") == 1 && scrape.value("gateway_cache_flight_requests") == 3
            }
            gate.open()
            _ = try await [first, second, third]
            let scrape = try await gateway.scrape()
            #expect(scrape.value("gateway_coalesced_requests_total", ["model": "gpt-3.5-turbo"]) == 2)
            #expect(requests(scrape, "coalesced") == 2 && requests(scrape, "miss") == 1)
            #expect(scrape.value("gateway_upstream_attempts_total") == 1)
        }
    }

    @Test("A reload keeps what was counted, and is counted itself")
    func reload() async throws {
        let local = Configurations.local
        try await withGateway(local, arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            _ = try await gateway.hit("one")
            let before = try await gateway.scrape()
            try gateway.configure(
                local.replacingOccurrences(of: "type: local", with: "type: local\n    max_size: 8MB"),
                upstream
            )
            _ = try await gateway.reload()
            try gateway.configure("model_list: 7", upstream)
            _ = try await gateway.reload()
            _ = try await gateway.hit("two")
            let after = try await gateway.scrape()
            #expect(requests(after, "hit") == requests(before, "hit") + 1)
            #expect(requests(after, "miss") == requests(before, "miss") + 1)
            #expect(after.value("gateway_reloads_total", ["result": "refused"]) == 1)
            #expect(after.value("gateway_config_last_reload_successful") == 0)
            for sample in before.samples where sample.name.hasSuffix("_total") || sample.name.hasSuffix("_count") {
                #expect(after.sum(sample.name, sample.labels) >= sample.value, "\(sample.name) \(sample.labels)")
            }
        }
    }

    @Test("What clients invent makes no series: names that a pattern covers, wrong keys and paths")
    func bounded() async throws {
        let configuration = """
            model_list:
              - model_name: any/*
                litellm_params: {model: openai/*, api_base: UPSTREAM/v1, api_key: k}
            litellm_settings: {cache: true, cache_params: {type: local}}
            general_settings:
              master_key: sk-master
              keys: [{name: team-a, key: sk-team-a}]
            """
        try await withGateway(configuration) { gateway, _ async throws in
            func ask(_ number: Int, _ key: String) async throws {
                _ = try await gateway.chat("hi", model: "any/\(number)", headers: ["Authorization": "Bearer \(key)"])
                _ = try await gateway.get("/path-\(number)", headers: ["Authorization": "Bearer \(key)"])
            }
            let master = ["Authorization": "Bearer sk-master"]
            for key in ["sk-master", "sk-team-a", "sk-wrong"] { try await ask(0, key) }
            let before = try await gateway.scrape(headers: master).samples.count
            for number in 1..<30 {
                try await ask(number, "sk-master")
                try await ask(number, "sk-team-a")
                try await ask(number, "sk-wrong-\(number)")
            }
            let scrape = try await gateway.scrape(headers: master)
            #expect(scrape.sum("gateway_requests_total", ["model": "any/*", "key": "master"]) == 30)
            #expect(scrape.sum("gateway_requests_total", ["model": "any/*", "key": "team-a"]) == 30)
            #expect(scrape.sum("gateway_requests_total", ["status": "401"]) >= 30)
            // The scrape before was not in itself.
            #expect(scrape.samples.count <= before + 40, "\(scrape.samples.count) after \(before)")
            #expect(try await gateway.get("/metrics").status == 401)
            #expect(try await gateway.get("/metrics", headers: ["Authorization": "Bearer sk-team-a"]).status == 403)
            #expect(!scrape.text.contains("sk-"))
        }
    }

    @Test("A Redis that is killed makes misses, errors and an open breaker, and none of the requests fails")
    func backendDown() async throws {
        let server = try await RedisServer.start()
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
        try await withGateway(configuration) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            _ = try await gateway.hit("one")
            let up = try await gateway.scrape()
            #expect(up.value("gateway_backend_state", ["backend": "redis", "state": "up"]) == 1)
            #expect(
                try #require(up.value("gateway_backend_operation_duration_seconds_count", ["operation": "get"])) > 0
            )
            try await server.kill()
            for number in 0..<12 { #expect(try await gateway.chat("down \(number)").status == 200) }
            try await eventually("the state is down") {
                _ = try await gateway.chat("down")
                return try await gateway.scrape().value("gateway_backend_state", ["state": "down"]) == 1
            }
            let down = try await gateway.scrape()
            #expect(down.value("gateway_backend_breaker_open", ["breaker": "lookups"]) == 1)
            #expect(try #require(down.value("gateway_backend_breaker_openings_total", ["breaker": "lookups"])) >= 1)
            #expect(down.sum("gateway_backend_errors_total", ["backend": "redis", "operation": "get"]) >= 5)
            let reasons = Set(
                down.samples.filter { $0.name == "gateway_cache_misses_total" }.compactMap { $0.labels["reason"] }
            )
            #expect(
                !reasons.isDisjoint(with: ["unavailable", "timeout"]) && reasons.contains("breaker-open"),
                "\(reasons)"
            )
        }
    }

    @Test("promtool finds nothing to complain about")
    func promtool() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.hit("one")
            _ = try await gateway.embed(["a", "b"])
            upstream.answer { _, _ in .failure(500) }
            _ = try await gateway.chat("fails")
            let file = gateway.directory.url.appending(path: "metrics.txt")
            try (try await gateway.scrape().text).write(to: file, atomically: true, encoding: .utf8)
            let checked = try await Promtool.run(["check", "metrics"], input: file)
            #expect(
                checked.status == 0 && checked.standardError.isEmpty && checked.standardOutput.isEmpty,
                "\(checked.standardOutput)\(checked.standardError)"
            )
        }
    }

    @Test("HEAD has the head alone, and the media type is that of the text format")
    func head() async throws {
        try await withGateway { gateway, _ async throws in
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("HEAD", "/metrics", nil))
            let head = try await connection.readResponse(isHead: true)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try await gateway.post("/metrics", "{}").status == 405)
        }
    }

    @Test("Scrapes under load cost no request its answer, and every counter only grows")
    func underLoad() async throws {
        try await withGateway { gateway, _ async throws in
            _ = try await gateway.hit("one")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<100 {
                            let answer = try await gateway.chat("one")
                            #expect(answer.isHit)
                        }
                    }
                }
                group.addTask {
                    var last = 0.0
                    for _ in 0..<20 {
                        let hits = try await gateway.scrape().sum("gateway_requests_total", ["cache": "hit"])
                        #expect(hits >= last)
                        last = hits
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await gateway.scrape().sum("gateway_requests_total", ["cache": "hit"]) >= 400)
        }
    }
}
