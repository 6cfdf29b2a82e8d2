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
        #expect(rig.instance.health.lookups != nil)
        #expect(rig.instance.health.lookups?.reason.contains("no route to sesame") == true)
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
        #expect((rig.instance.health.lookups != nil) == opens)
        #expect(rig.statistic("cancels") == UInt64(count))
        if opens { #expect(rig.instance.health.lookups?.code == "timeout") }
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
        #expect(rig.instance.health.lookups == nil)
        #expect(rig.statistic("calls") == 20)
    }

    @Test("look-ups that are never answered are given up, although writes succeed, and pings do not bring them back")
    func lookupsFail() throws {
        let rig = try Rig("hold")
        for _ in 0..<5 {
            #expect(try rig.set("a", "1") == nil)
            #expect(try rig.get(["a"], within: .milliseconds(3)) == ["<\(OperationFailure.timeout)>"])
        }
        #expect(try rig.get(["a"]) == ["<\(OperationFailure.breakerOpen)>"])
        #expect(try rig.set("a", "1") == .breakerOpen, "what cannot be read is not written")
        #expect(rig.instance.health.lookups?.code == "timeout" && rig.instance.health.writes == nil)
        for _ in 0..<3 { rig.instance.breakers.pingSucceeded() }
        #expect(try rig.get(["a"]) == ["<\(OperationFailure.breakerOpen)>"])
    }

    @Test("a backend that takes no writes is still read, and is not written to for a while")
    func writesFail() throws {
        let rig = try Rig("readonly")
        for _ in 0..<5 { #expect(try rig.set("a", "1") == .unavailable) }
        #expect(try rig.set("a", "1") == .breakerOpen)
        #expect(try rig.get(["b"]) == [nil])
        #expect(rig.instance.health.lookups == nil)
        #expect(rig.instance.health.writes?.reason.contains("no route to sesame") == true)
        #expect(rig.log.all.filter { $0.contains("answers are not stored") }.count == 1)
    }

    @Test("a ping closes a breaker only if one has failed since it opened")
    func pings() {
        var breaker = opened()
        #expect(breaker.pingSucceeded() == nil && breaker.isOpen)
        #expect(breaker.pingFailed("silent", code: "timeout", now: 0, jitter: 0) == nil)
        #expect(breaker.pingSucceeded() == .closed)
        #expect(breaker.pingSucceeded() == nil)
        _ = breaker.reportedDown("gone", now: 0, jitter: 0)
        #expect(breaker.pingSucceeded() == .closed, "the plugin has said that nothing answers")
        for _ in 0..<4 { #expect(breaker.pingFailed("silent", code: "timeout", now: 0, jitter: 0) == nil) }
        #expect(breaker.pingFailed("silent", code: "timeout", now: 0, jitter: 0) == .opened(reason: "silent"))
        #expect(breaker.pingSucceeded() == .closed, "pings alone have opened it")
    }

    @Test("a plugin's word on when to try again delays the next probe, but by half a minute at most")
    func retryAfter() {
        for (asked, due) in [(0, 1), (20, 20), (3_600, 30)] as [(UInt64, UInt64)] {
            var breaker = Breaker(settings: .init(failuresToOpen: 1))
            _ = breaker.failed("", isProbe: false, now: 0, jitter: 0.5, retryAfter: asked * second)
            #expect(breaker.admit(now: due * second - 1) == .refuse)
            #expect(breaker.admit(now: due * second) == .probe)
        }
    }

    @Test("a ping that always fails is reported once, although everything else succeeds")
    func failingPing() throws {
        let rig = try Rig("noping")
        for _ in 0..<10 {
            #expect(try rig.ping() == .unavailable)
            #expect(try rig.get(["a"]) == [nil])
            #expect(try rig.set("a", "1") == nil)
            _ = try rig.delete("a")
        }
        #expect(rig.instance.health.pingFailure == "the backend cannot be reached: no route to sesame")
        #expect(rig.instance.health.lookups == nil && rig.instance.health.writes == nil)
        #expect(rig.log.all.filter { $0.contains("does not answer pings") }.count == 1)
        rig.instance.breakers.pingSucceeded()
        #expect(rig.instance.health.pingFailure == nil)
        #expect(rig.log.all.last?.contains("answers pings again") == true)
    }

    @Test("an instance that has failed for good admits nothing, whatever its backend does")
    func disabled() {
        var breaker = Breaker()
        breaker.disable("no such bucket", code: "start_failed")
        breaker.reportedUp(now: 0)
        #expect(breaker.admit(now: .max) == .refuse)
        #expect(breaker.succeeded(isProbe: true) == nil && breaker.pingSucceeded() == nil)
        #expect(breaker.failed("x", isProbe: false, now: 0, jitter: 0) == nil)
        #expect(breaker.isOpen && breaker.lastFailure == "no such bucket")
    }
}
