import Foundation
import Testing

/// Answers past their time to live are served while the model is slow or fails (RFC 5861).
@Suite("Stale answers", .timeLimit(.minutes(2)))
struct StaleTests {
    private func cached(_ windows: String) -> String { Configurations.cached("type: local\nttl: 1\n\(windows)") }

    @Test("Within stale_while_revalidate one is served at once, and refreshed once however many ask")
    func whileRevalidate() async throws {
        try await withGateway(cached("stale_while_revalidate: 60")) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            for _ in 0..<10 {
                let stale = try await gateway.chat("hi")
                #expect(stale.isHit && stale.body == old.body, "\(stale.cacheStatus)")
                #expect(
                    stale.cacheStatus.contains("ttl=-") && stale.cacheStatus.contains("detail=stale-while-revalidate")
                )
                #expect((stale["age"].flatMap { Int($0) } ?? 0) >= 1)
            }
            try await upstream.arrival(of: 2)
            #expect(upstream.calls == 2)
            gate.open()
            // After a second it is past its time to live as well, and is refreshed by the next request.
            try await eventually("the new answer is served") { try await gateway.chat("hi").content == "answer 2" }
        }
    }

    /// The ways in which a model fails.
    enum Failure: CaseIterable, CustomTestStringConvertible {
        case timeout, tooMany, error, unavailable, hangUp, silence

        var answer: Answer {
            switch self {
            case .timeout: .failure(408, headers: [("retry-after", "0")])
            case .tooMany: .failure(429, headers: [("retry-after", "0")])
            case .error: .failure(500, headers: [("retry-after", "0")])
            case .unavailable: .failure(503, headers: [("retry-after", "0")])
            case .hangUp: Answer(body: .hangUp)
            case .silence: Answer(body: .silence)
            }
        }
        var testDescription: String { "\(self)" }
    }

    @Test("Within stale_if_error one is served when the model fails, and only then", arguments: Failure.allCases)
    func ifError(failure: Failure) async throws {
        let patience =
            failure == .silence
            ? "api_key: sk-upstream\n      timeout: 2\n      max_retries: 0" : "api_key: sk-upstream"
        let configuration = cached("stale_if_error: 60").replacingOccurrences(
            of: "api_key: sk-upstream",
            with: patience
        )
        try await withGateway(configuration) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            _ = try await gateway.chat("well")
            try await Task.sleep(for: .milliseconds(1_500))
            #expect(try await gateway.chat("well").wasForwarded("stale"))
            upstream.answer(with: failure.answer)
            let stale = try await gateway.chat("hi")
            #expect(stale.isHit && stale.body == old.body, "\(stale.cacheStatus) \(stale.text)")
            #expect(stale.cacheStatus.contains("ttl=-") && stale.cacheStatus.contains("detail=stale-if-error"))
            #expect((stale["age"].flatMap { Int($0) } ?? 0) >= 1)
            let stream = try await gateway.stream("hi")
            #expect(stream.isHit && stream.streamedContent == old.content, "\(stream.text)")
            let unkept = try await gateway.chat("hi", #""cache":{"no-store":true}"#)
            #expect(unkept.isHit && unkept.body == old.body, "no-store: \(unkept.cacheStatus) \(unkept.text)")
            #expect(unkept.cacheStatus.contains("detail=stale-if-error"))
            let unkeptStream = try await gateway.stream("hi", #""cache":{"no-store":true}"#)
            #expect(unkeptStream.isHit && unkeptStream.streamedContent == old.content, "\(unkeptStream.text)")
            #expect(try await gateway.chat("never asked").status >= 400)
        }
    }

    @Test("An error of the client's own is passed on to the client")
    func clientError() async throws {
        try await withGateway(cached("stale_if_error: 60")) { gateway, upstream async throws in
            _ = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            upstream.answer(with: .failure(400))
            #expect(try await gateway.chat("hi").status == 400)
        }
    }

    @Test("Without windows, and behind them, what is past its time is gone")
    func gone() async throws {
        try await withGateway(cached("stale_while_revalidate: 0.1\nstale_if_error: 0.1")) {
            gateway,
            upstream async throws in
            _ = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            upstream.answer(with: .failure(400))
            #expect(try await gateway.chat("hi").status == 400)
        }
    }

    @Test("max-stale takes what is past its time, only-if-cached nothing else, and max-age nothing old")
    func controls() async throws {
        try await withGateway(cached("stale_if_error: 60")) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            let stale = try await gateway.chat("hi", headers: ["Cache-Control": "max-stale=60"])
            #expect(stale.isHit && stale.body == old.body && stale.cacheStatus.contains("ttl=-"))
            let refused = try await gateway.chat("hi", headers: ["Cache-Control": "only-if-cached"])
            #expect(refused.status == 504)
            let both = try await gateway.chat("hi", headers: ["Cache-Control": "only-if-cached, max-stale"])
            #expect(both.isHit)
            upstream.answer(with: .failure(500, headers: [("retry-after", "0")]))
            let young = try await gateway.chat("hi", headers: ["Cache-Control": "max-age=1"])
            #expect(young.status == 500, "it wants none that is older, not even now")
        }
    }

    /// An error of the model, which is held back by the gate.
    private func failing(_ gate: Gate) -> Answer {
        var answer = Answer.failure(500, headers: [("retry-after", "0")])
        answer.gate = gate
        return answer
    }

    @Test("A follower that found a stale answer gets it although the leader found none that it accepts")
    func follower() async throws {
        try await withGateway(cached("stale_if_error: 60")) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            let gate = Gate()
            upstream.answer(with: failing(gate))
            let leader = try await gateway.asking("hi", headers: ["Cache-Control": "max-age=0"])
            try await upstream.arrival(of: 2)
            let follower = try await gateway.asking("hi")
            let stream = try await gateway.asking("hi", #""stream":true"#)
            let unkept = try await gateway.asking("hi", #""cache":{"no-store":true}"#)
            let young = try await gateway.asking("hi", headers: ["Cache-Control": "min-fresh=0"])
            #expect(upstream.calls == 2)
            gate.open()
            #expect(try await leader.readResponse().status == 500)
            #expect(try await young.readResponse().status == 500, "it wants none past its time, not even now")
            for answer in [try await follower.readResponse(), try await unkept.readResponse()] {
                #expect(answer.isHit && answer.body == old.body, "\(answer.cacheStatus) \(answer.text)")
                #expect(answer.cacheStatus.contains("detail=stale-if-error"))
            }
            let streamed = try await stream.readResponse()
            #expect(streamed.isHit && streamed.streamedContent == old.content, "\(streamed.text)")
        }
    }

    @Test("A refresh that fails when its window is over leaves nobody without the old answer")
    func refreshFails() async throws {
        try await withGateway(cached("stale_while_revalidate: 10\nstale_if_error: 60")) {
            gateway,
            upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_300))
            let gate = Gate()
            upstream.answer(with: failing(gate))
            #expect(try await gateway.chat("hi").cacheStatus.contains("stale-while-revalidate"))
            try await upstream.arrival(of: 2)
            try await Task.sleep(for: .milliseconds(10_500))
            let follower = try await gateway.asking("hi")
            #expect(upstream.calls == 2)
            gate.open()
            let answer = try await follower.readResponse()
            #expect(answer.isHit && answer.body == old.body, "\(answer.cacheStatus) \(answer.text)")
            #expect(answer.cacheStatus.contains("stale-if-error"))
        }
    }

    @Test("A stream that fails in the middle costs followers that want one piece only time")
    func streamFails() async throws {
        try await withGateway(cached("stale_if_error: 60")) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            async let leader = gateway.stream("hi")
            try await upstream.arrival(of: 2)
            stream.sendChunk("half")
            let follower = try await gateway.asking("hi")
            stream.send(#"{"error":{"message":"no","type":"server_error"}}"#)
            stream.finish()
            #expect(try await leader.text.contains("half"))
            let answer = try await follower.readResponse()
            #expect(answer.isHit && answer.body == old.body, "\(answer.cacheStatus) \(answer.text)")
            #expect(upstream.calls == 2)
        }
    }

    @Test("With no-store a stale answer is served within stale_while_revalidate, without reporting a refresh")
    func noStore() async throws {
        try await withGateway(cached("stale_while_revalidate: 60")) { gateway, upstream async throws in
            let old = try await gateway.chat("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            for _ in 1...2 {
                let stale = try await gateway.chat("hi", #""cache":{"no-store":true}"#)
                #expect(stale.isHit && stale.body == old.body && stale.cacheStatus.contains("ttl=-"))
                #expect(!stale.cacheStatus.contains("detail"), "\(stale.cacheStatus)")
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect(upstream.calls == 1)
        }
    }
}
