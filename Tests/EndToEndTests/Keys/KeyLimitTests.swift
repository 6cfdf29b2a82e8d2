import Foundation
import Testing

/// `rpm` and `max_parallel_requests` of a key.
@Suite("Limits of keys", .timeLimit(.minutes(2)))
struct KeyLimitTests {
    private static let configuration =
        Configurations.local + """
            general_settings:
              master_key: sk-master
              keys:
                - {name: few, key: sk-few, rpm: 3}
                - {name: one, key: sk-one, max_parallel_requests: 1}
                - {name: free, key: sk-free}

            """

    private func key(_ name: String) -> [String: String] { ["Authorization": "Bearer sk-\(name)"] }

    @Test("A minute has as many requests as its limit, hits too, and every answer says what is left")
    func minute() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.headers += [("x-ratelimit-limit-requests", "99"), ("x-ratelimit-remaining-tokens", "98")]
                return answer
            }
            for left in [2, 1, 0] {
                let answer = try await gateway.chat("hello", headers: key("few"))
                #expect(answer.status == 200 && answer.isHit == (left < 2))
                #expect(answer["x-ratelimit-limit-requests"] == "3", "the provider's own is not passed on")
                #expect(answer["x-ratelimit-remaining-requests"] == "\(left)")
                #expect(answer["x-ratelimit-reset-requests"]?.wholeMatch(of: #/(1m)?[0-9.]+s/#) != nil)
                #expect(answer["x-ratelimit-remaining-tokens"] == nil)
            }
            let refused = try await gateway.chat("hello", headers: key("few"))
            #expect(refused.status == 429 && refused.json["error"]["code"].string == "rate_limit_exceeded")
            #expect((18...20).contains(Int(refused["retry-after"] ?? "") ?? 0))
            #expect(refused["x-ratelimit-remaining-requests"] == "0")
            let message = try await gateway.post("/v1/messages", "{}", headers: key("few"))
            #expect(message.status == 429 && message.json["error"]["type"].string == "rate_limit_error")
            for other in ["free", "master"] {
                let answer = try await gateway.chat("hello", headers: key(other))
                #expect(answer.status == 200)
                #expect(answer["x-ratelimit-remaining-requests"] == nil)
            }
            #expect(upstream.calls == 3, "one for each scope of the cache")
        }
    }

    @Test("The openai package waits as long as it is told, and then gets its answer")
    func package() async throws {
        let configuration = Self.configuration.replacing("rpm: 3", with: "rpm: 30")
        try await withGateway(configuration) { gateway, _ async throws in
            let lines = try await Python.run(
                """
                import openai, time
                client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key='sk-few', max_retries=2)
                def ask(**more): return client.with_options(**more).chat.completions.with_raw_response.create(
                    model='gpt-4', messages=[{'role': 'user', 'content': 'x'}])
                for _ in range(30): ask(max_retries=0)
                try: ask(max_retries=0)
                except openai.RateLimitError as error:
                    print(error.status_code, error.code, error.response.headers['retry-after'])
                began = time.time()
                print(ask().headers['x-ratelimit-limit-requests'], 1 < time.time() - began < 8)
                """
            )
            #expect(lines == ["429 rate_limit_exceeded 2", "30 True"])
        }
    }

    @Test("A key has as many requests at a time as its limit, however they end")
    func parallel() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let question = #"{"model":"gpt-4","messages":[{"role":"user","content":"x"}],"stream":true}"#
            let request = GatewayProcess.request("POST", "/v1/chat/completions", question, headers: key("one"))
            for ending in ["whole", "cut off", "client gone"] {
                let stream = ControlledStream()
                upstream.answer(with: .events(stream))
                let before = upstream.calls
                let connection = try await gateway.connect()
                try await connection.send(request)
                try await upstream.arrival(of: before + 1)
                let refused = try await gateway.chat("other", headers: key("one"))
                #expect(refused.status == 429 && refused["retry-after"] == "1", "\(ending)")
                #expect(refused.text.contains("1 request at a time") && refused["x-ratelimit-limit-requests"] == nil)
                #expect(try await gateway.get("/v1/models", headers: key("free")).status == 200)
                switch ending {
                case "whole":
                    stream.sendChunk("a")
                    stream.send("[DONE]")
                    stream.finish()
                case "cut off":
                    stream.sendChunk("a")
                    stream.cut()
                default: try await connection.close()
                }
                upstream.answer(Answer.standard)
                try await eventually("there is room again after the request that is \(ending)") {
                    try await gateway.chat("other", headers: key("one")).status == 200
                }
            }
            // An error of the gateway's own and a refused body end, too.
            for body in ["{", #"{"model":"nobody"}"#, String(repeating: "[", count: 100_000)] {
                for _ in 0..<3 {
                    let answer = try await gateway.post("/v1/chat/completions", body, headers: key("one"))
                    #expect((400...404).contains(answer.status), "\(answer.status)")
                }
            }
        }
    }

    @Test("A reload ends keys that are removed, admits new ones, and goes on counting for those that stay")
    func reload() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            for _ in 0..<3 { #expect(try await gateway.chat("hello", headers: key("few")).status == 200) }
            let changed = Self.configuration.replacing("UPSTREAM", with: upstream.url)
                .replacing("sk-free}", with: "sk-new}").replacing("rpm: 3", with: "rpm: 6")
            try gateway.directory.write(changed, to: "config.yaml")
            let reloaded = try await gateway.post("/config/reload", "{}", headers: key("master"))
            #expect(reloaded.status == 200)
            #expect(try await gateway.chat("hello", headers: key("free")).status == 401)
            let hit = try await gateway.chat("hello", headers: key("new"))
            #expect(hit.status == 200)
            // Three of three were used, which took a minute to come back, and so did six of six.
            let refused = try await gateway.chat("hello", headers: key("few"))
            #expect(refused.status == 429 && refused["x-ratelimit-limit-requests"] == "6")
            #expect(try await gateway.post("/config/reload", "{}", headers: key("new")).status == 403)
        }
    }

    @Test("Of many requests at once, on all event loops, exactly as many as the limit are admitted")
    func burst() async throws {
        let configuration = Self.configuration.replacing("rpm: 3", with: "rpm: 40")
        try await withGateway(configuration, arguments: ["--loops", "4"]) { gateway, _ async throws in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await gateway.chat("hello", headers: key("few")).status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            let admitted = statuses.filter { $0 == 200 }.count
            // One more comes free every 1.5 s.
            #expect((40...50).contains(admitted) && statuses.filter { $0 == 429 }.count == 100 - admitted)
        }
    }
}
