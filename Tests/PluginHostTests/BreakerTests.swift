import NIOCore
import Testing

@testable import PluginHost

@Suite("The breaker")
struct BreakerTests {
    private let second: UInt64 = 1_000_000_000

    private func opened() -> Breaker {
        var breaker = Breaker()
        for _ in 0..<5 { _ = breaker.failed("down", isProbe: false, now: 0, jitter: 0.5) }
        return breaker
    }

    @Test("the breaker opens after five failures in a row, and reports it once")
    func opens() {
        var breaker = Breaker()
        for _ in 0..<4 { #expect(breaker.failed("down", isProbe: false, now: 0, jitter: 0.5) == nil) }
        #expect(breaker.succeeded(isProbe: false) == nil)
        for _ in 0..<4 { #expect(breaker.failed("down", isProbe: false, now: 0, jitter: 0.5) == nil) }
        #expect(breaker.admit(now: 0) == .pass)
        #expect(breaker.failed("down", isProbe: false, now: 0, jitter: 0.5) == .opened(reason: "down"))
        #expect(breaker.failed("late", isProbe: false, now: 0, jitter: 0.5) == nil)
        #expect(breaker.admit(now: second - 1) == .refuse)
    }

    @Test("an open breaker lets one probe through at a time, and closes only when that succeeds")
    func probes() {
        var breaker = opened()
        #expect(breaker.admit(now: second) == .probe)
        #expect(breaker.admit(now: second) == .refuse)
        #expect(breaker.succeeded(isProbe: false) == nil)
        #expect(breaker.isOpen)
        breaker.saidNothing(isProbe: true)
        #expect(breaker.admit(now: second) == .probe)
        #expect(breaker.succeeded(isProbe: true) == .closed)
        #expect(breaker.admit(now: second) == .pass)
        #expect(breaker.consecutiveFailures == 0)
    }

    @Test("the breaker waits twice as long after each failed probe, half a minute at most, a fifth more or less")
    func backsOff() {
        var breaker = opened()
        var now: UInt64 = 0
        for seconds in [1, 2, 4, 8, 16, 30, 30] as [UInt64] {
            #expect(breaker.admit(now: now + seconds * second - 1) == .refuse)
            now += seconds * second
            #expect(breaker.admit(now: now) == .probe)
            #expect(breaker.failed("still", isProbe: true, now: now, jitter: 0.5) == nil)
        }
        #expect(breaker.lastFailure == "still")
        for (jitter, due) in [(0.0, 800_000_000), (0.999, 1_190_000_000)] as [(Double, UInt64)] {
            var breaker = Breaker(settings: .init(failuresToOpen: 1))
            _ = breaker.failed("", isProbe: false, now: 0, jitter: jitter)
            #expect(breaker.admit(now: due - 1) == .refuse)
            #expect(breaker.admit(now: due) == .probe)
        }
    }

    @Test("the breaker believes the plugin's own report of its backend")
    func reports() {
        var breaker = Breaker()
        #expect(breaker.reportedDown("refused", now: 0, jitter: 0.5) == .opened(reason: "refused"))
        #expect(breaker.admit(now: 1) == .refuse)
        breaker.reportedUp(now: 1)
        #expect(breaker.admit(now: 1) == .probe)
    }

    @Test("requests do not wait for a backend that fails, and the log says so once, with the plugin's reason")
    func instance() throws {
        let rig = try Rig("fail")
        for _ in 0..<5 { #expect(try rig.get(["a"]) == ["<\(OperationFailure.unavailable)>"]) }
        for _ in 0..<5 { #expect(try rig.get(["a"]) == ["<\(OperationFailure.breakerOpen)>"]) }
        #expect(rig.statistic("calls") == 5)
        #expect(rig.instance.health.isBreakerOpen)
        #expect(rig.instance.health.lastFailure?.contains("no route to sesame") == true)
        #expect(rig.log.all.filter { $0.contains("left alone") }.count == 1)
    }

    @Test(
        "an operation past its deadline counts as the plugin completes it, if it tells the parts of its backend apart",
        arguments: [
            ("partial", true, 20, false), ("whole", true, 5, true), ("partial", false, 5, true),
            ("never", true, 64, false),
            ("never", true, 69, true),
        ]
    )
    func parts(behaviour: String, tellsApart: Bool, count: Int, opens: Bool) throws {
        let rig = try Rig(behaviour, tellsApart ? ["CAPABILITIES=(GW_CAP_STATS|GW_CAP_PARTIAL)"] : [])
        for _ in 0..<count {
            #expect(try rig.get(["a"], within: .milliseconds(3)) == ["<\(OperationFailure.timeout)>"])
        }
        // The completions have been delivered.
        _ = try rig.onLoop { _ in }
        #expect(rig.instance.health.isBreakerOpen == opens)
        #expect(rig.statistic("cancels") == UInt64(count))
        if opens { #expect(rig.instance.health.lastFailureCode == "timeout") }
    }

    @Test("a probe that finds one part of the backend silent is a success, since other parts answer")
    func partialProbe() {
        var breaker = opened()
        #expect(breaker.admit(now: second) == .probe)
        // Its deadline passes, which counts at once. Then the plugin completes it.
        #expect(breaker.failed("timeout", isProbe: true, now: second, jitter: 0.5) == nil)
        #expect(breaker.succeeded(isProbe: true) == .closed)
    }

    @Test("misses, busy answers and values that are too large do not count as failures")
    func harmless() throws {
        let rig = try Rig("refuse")
        for _ in 0..<20 { _ = try rig.get(["a"]) }
        #expect(!rig.instance.health.isBreakerOpen)
        #expect(rig.statistic("calls") == 20)
    }
}
