import NIOCore
import Testing

@testable import Upstream

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

@Suite("The attempts of a request")
struct AttemptsTests {
    private func attempts(_ retries: Int, deployments: Int = 1, within seconds: Int64 = 600) -> Attempts {
        Attempts(
            retries: retries,
            deployments: deployments,
            deadline: start + .seconds(seconds),
            maxDelay: .seconds(5)
        )
    }

    private func failure(_ kind: UpstreamError.Kind) -> Attempts.Outcome { .failure(UpstreamError(kind, "")) }

    @Test(
        "are repeated for these statuses only",
        arguments: [200, 301, 400, 401, 404, 408, 409, 422, 429, 500, 502, 529, 599]
    )
    func statuses(status: Int) {
        var attempts = attempts(1, deployments: 2)
        let verdict = attempts.verdict(on: .answer(status: status, retryAfter: nil), of: 0, now: start, chance: 0)
        #expect(verdict == ([408, 429, 500, 502, 529, 599].contains(status) ? .retry(after: .zero) : .deliver))
    }

    @Test("are repeated for failures of the network, not of the configuration")
    func failures() {
        for kind in [UpstreamError.Kind.connectFailed, .closedEarly, .timedOut(.total), .protocolViolation, .tlsFailed]
        {
            var attempts = attempts(1, deployments: 2)
            #expect(attempts.verdict(on: failure(kind), of: 0, now: start, chance: 0) == .retry(after: .zero))
        }
        for kind in [UpstreamError.Kind.notConfigured, .shutDown] {
            var attempts = attempts(1, deployments: 2)
            #expect(attempts.verdict(on: failure(kind), of: 0, now: start, chance: 0) == .deliver)
        }
    }

    @Test("go on with the others, and only with them, where a deployment does not have the call")
    func notServed() {
        var attempts = attempts(3, deployments: 2)
        #expect(attempts.verdict(on: failure(.notServed), of: 0, now: start, chance: 0) == .retry(after: .zero))
        #expect(attempts.verdict(on: failure(.notServed), of: 1, now: start, chance: 0) == .deliver)
        #expect(failure(.notServed).cooldownFailure == nil && failure(.notServed).failure == nil)
    }

    @Test("go to the others at once, then pause, and end")
    func order() {
        var attempts = attempts(3, deployments: 2)
        let outcome = failure(.connectFailed)
        #expect(attempts.verdict(on: outcome, of: 0, now: start, chance: 0) == .retry(after: .zero))
        #expect(attempts.verdict(on: outcome, of: 1, now: start, chance: 0) == .retry(after: .milliseconds(500)))
        #expect(attempts.verdict(on: outcome, of: 0, now: start, chance: 1) == .retry(after: .seconds(2)))
        #expect(attempts.verdict(on: outcome, of: 1, now: start, chance: 0) == .deliver)
    }

    @Test("pause longer each time, up to the limit, with a part left to chance")
    func backOff() {
        var attempts = attempts(9)
        let delays = (0..<5).map { _ in attempts.verdict(on: failure(.closedEarly), of: 0, now: start, chance: 0) }
        #expect(delays == [250, 500, 1_000, 2_000, 2_500].map { .retry(after: .milliseconds($0)) })
    }

    @Test("pause as long as the server asks for; for longer than the limit they do not wait at all")
    func retryAfter() {
        var attempts = attempts(5)
        func verdict(_ asked: TimeAmount) -> Attempts.Verdict {
            attempts.verdict(on: .answer(status: 429, retryAfter: asked), of: 0, now: start, chance: 0)
        }
        #expect(verdict(.seconds(3)) == .retry(after: .seconds(3)))
        #expect(verdict(.zero) == .retry(after: .zero))
        #expect(verdict(.seconds(6)) == .deliver)
    }

    @Test("end with the time that the request has")
    func deadline() {
        var one = attempts(5, within: 1)
        let outcome = Attempts.Outcome.answer(status: 503, retryAfter: .seconds(1))
        #expect(one.verdict(on: outcome, of: 0, now: start, chance: 0) == .deliver)
        var two = attempts(5, deployments: 2, within: 1)
        #expect(two.verdict(on: failure(.timedOut(.total)), of: 0, now: start + .seconds(1), chance: 0) == .deliver)
    }
}

@Suite("The time that a server asks clients to wait")
struct RetryAfterTests {
    @Test(
        "is read in seconds, milliseconds or as a date",
        arguments: [
            (nil, "3", 3_000), (nil, "0.5", 500), ("250", "9", 250), (nil, "Sun, 06 Nov 1994 08:49:47 GMT", 10_000),
            (nil, "Sun, 06 Nov 1994 08:49:00 GMT", 0), (nil, "1e300", 86_400_000), ("1e300", nil, 86_400_000),
        ] as [(String?, String?, Int64)]
    )
    func parse(milliseconds: String?, text: String?, expected: Int64) {
        // This is Sun, 06 Nov 1994 08:49:37 GMT.
        let asked = RetryAfter.parse(milliseconds: milliseconds, retryAfter: text, wallClock: 784_111_777)
        #expect(asked == .milliseconds(expected))
    }

    @Test(
        "is unknown if it is neither",
        arguments: [
            "", "-1", "soon", "nan", "inf ", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        ]
    )
    func unknown(text: String) {
        #expect(RetryAfter.parse(milliseconds: nil, retryAfter: text, wallClock: 0) == nil)
    }
}
