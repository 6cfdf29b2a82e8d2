import Testing

@testable import RedisCache

@Suite("The breaker of a cluster's node")
struct NodeBreakerTests {
    private let second: UInt64 = 1_000_000_000

    private func opened() -> NodeBreaker {
        var breaker = NodeBreaker()
        for _ in 0..<5 { _ = breaker.unanswered(isTrial: false, now: 0) }
        return breaker
    }

    @Test("opens after five look-ups in a row that were left unanswered, and says so once")
    func opens() {
        var breaker = NodeBreaker()
        for _ in 0..<4 { #expect(breaker.unanswered(isTrial: false, now: 0) == false) }
        #expect(breaker.answered(isInTime: true, isTrial: false, now: 0) == false)
        for _ in 0..<4 { #expect(breaker.unanswered(isTrial: false, now: 0) == false) }
        #expect(breaker.answered(isInTime: false, isTrial: false, now: 0) == false, "an answer too late is none")
        #expect(breaker.admit(isLookup: true, now: 0) == .pass)
        #expect(breaker.unanswered(isTrial: false, now: 0) == true)
        #expect(breaker.isOpen)
        #expect(breaker.unanswered(isTrial: false, now: 0) == false)
        #expect(breaker.admit(isLookup: true, now: second - 1) == .refuse)
    }

    @Test("lets one look-up try at a time, never a write, and closes when that is answered in time")
    func trials() {
        var breaker = opened()
        #expect(breaker.admit(isLookup: false, now: second) == .refuse)
        #expect(breaker.admit(isLookup: true, now: second) == .trial)
        #expect(breaker.admit(isLookup: true, now: second) == .refuse)
        #expect(breaker.answered(isInTime: true, isTrial: true, now: second) == true)
        #expect(!breaker.isOpen)
        #expect(breaker.admit(isLookup: false, now: second) == .pass)
        var lost = opened()
        #expect(lost.admit(isLookup: true, now: second) == .trial)
        lost.trialEnded()
        #expect(lost.admit(isLookup: true, now: second) == .trial, "the next one may try")
    }

    @Test("waits twice as long after each trial in vain, ten seconds at most")
    func backsOff() {
        var breaker = opened()
        var now: UInt64 = 0
        for seconds in [1, 2, 4, 8, 10, 10] as [UInt64] {
            #expect(breaker.admit(isLookup: true, now: now + seconds * second - 1) == .refuse)
            now += seconds * second
            #expect(breaker.admit(isLookup: true, now: now) == .trial)
            #expect(breaker.unanswered(isTrial: true, now: now) == false)
        }
    }

    @Test(
        "has the next look-up try at once when late answers show that the node is back, and starts over on a new connection"
    )
    func returns() {
        var breaker = opened()
        #expect(breaker.answered(isInTime: false, isTrial: false, now: 7) == false)
        #expect(breaker.isOpen)
        #expect(breaker.admit(isLookup: true, now: 7) == .trial)
        breaker.reset()
        #expect(!breaker.isOpen && breaker == NodeBreaker())
    }
}
