import Foundation
import Testing

extension OneAtATime {
    /// A thousand identical requests are served like a few.
    @Suite("A thousand identical requests", .timeLimit(.minutes(5)))
    struct ThousandTests {
        private func expectAnswers(_ answers: [Response], _ content: String = "one two three") {
            for answer in answers {
                let isStream = answer["content-type"]?.hasPrefix("text/event-stream") == true
                #expect(
                    answer.status == 200 && (isStream ? answer.streamedContent : answer.content) == content,
                    "\(answer.text)"
                )
                #expect(!isStream || answer.events.last == "[DONE]")
            }
        }

        @Test(
            "A thousand at once, half of them streams, are one call to the model, also when the first goes away",
            arguments: [false, true]
        )
        func thousand(leaderLeaves: Bool) async throws {
            try await withGateway { gateway, upstream async throws in
                let gate = Gate()
                upstream.answer(Answer.eitherForm(behind: gate))
                let leader = try await gateway.connect()
                let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"all at once"}]}"#
                if leaderLeaves {
                    try await leader.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                    try await upstream.arrival(of: 1)
                }
                let timer = Task {
                    try await upstream.arrival(of: 1)
                    // This gives the other requests time to arrive, also on a busy machine.
                    try await Task.sleep(for: .seconds(2))
                    if leaderLeaves { try await leader.close() }
                    try await Task.sleep(for: .milliseconds(200))
                    gate.open()
                }
                let answers = try await Crowd.ask([gateway], 1_000)
                try await timer.value
                #expect(upstream.calls == 1)
                #expect(answers.count == 1_000)
                expectAnswers(answers)
                let followers = answers.filter { $0.cacheStatus == "gateway; fwd=miss; collapsed" }.count
                let leaders = answers.filter { !$0.isHit }.count - followers
                #expect(followers > 0 && leaders == (leaderLeaves ? 0 : 1), "\(followers)")
            }
        }

        @Test("Two gateways on one Redis make one call each at most")
        func shared() async throws {
            let redis = try await RedisServer.start()
            let upstream = try await RecordingUpstream.start()
            let gate = Gate()
            upstream.answer(Answer.eitherForm(behind: gate))
            let configuration = Configurations.cached(
                "type: redis\nhost: 127.0.0.1\nport: \(redis.port)\nlookup_timeout: 10"
            )
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            let gateways = [
                try await GatewayProcess.start(configuration), try await GatewayProcess.start(configuration),
            ]
            let timer = Task {
                try await upstream.arrival(of: 1)
                try await Task.sleep(for: .milliseconds(500))
                gate.open()
            }
            let answers = try await Crowd.ask(gateways, 1_000)
            try await timer.value
            #expect((1...2).contains(upstream.calls))
            expectAnswers(answers)
            for gateway in gateways {
                gateway.terminate()
                #expect(try await gateway.status == 0)
            }
        }

        @Test("A model that breaks off half-way fails all of them, none of them silently")
        func halfWay() async throws {
            try await withGateway { gateway, upstream async throws in
                let stream = ControlledStream()
                upstream.answer(with: .events(stream))
                async let followers = withTaskGroup(of: Result<Response, any Error>.self) { group in
                    for number in 0..<1_000 {
                        group.addTask {
                            do {
                                return .success(
                                    try await number % 5 == 0 ? gateway.chat("half") : gateway.stream("half")
                                )
                            } catch { return .failure(error) }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                try await upstream.arrival(of: 1)
                stream.sendChunk("half of it")
                try await Task.sleep(for: .milliseconds(500))
                stream.cut()
                for outcome in await followers {
                    guard case .success(let answer) = outcome else { continue }
                    #expect(answer.status >= 500 || answer.text.contains(#""error""#), "\(answer.text)")
                    #expect(!answer.text.contains("[DONE]"))
                }
                upstream.answer(Answer.eitherForm)
                #expect(try await gateway.stream("half").wasForwarded("miss"))
            }
        }
    }
}
