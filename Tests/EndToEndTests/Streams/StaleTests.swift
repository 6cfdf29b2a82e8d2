import Foundation
import Testing

/// Answers past their time bridge what is slow and what fails (RFC 5861).
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
            gate.open()
            try await eventually("the new answer is served") { try await gateway.chat("hi").content == "answer 2" }
            #expect(upstream.calls == 2)
        }
    }

    /// What a model does instead of answering.
    enum Failure: CaseIterable, CustomTestStringConvertible {
        case tooMany, error, unavailable, hangUp, silence

        var answer: Answer {
            switch self {
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
            #expect(try await gateway.chat("never asked").status >= 400)
        }
    }

    @Test("An error that is the client's own is the client's to see")
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
}
