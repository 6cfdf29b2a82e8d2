import NIOCore
import Testing

@testable import Gateway

@Suite("The deadlines of a connection")
struct ConnectionDeadlinesTests {
    private let limits: ServerLimits = {
        var limits = ServerLimits()
        limits.headTimeout = .seconds(10)
        limits.bodyTimeout = .seconds(30)
        limits.bodyRate = 100
        limits.stallTimeout = .seconds(60)
        limits.idleTimeout = .seconds(75)
        limits.lingerTimeout = .seconds(2)
        return limits
    }()
    private let none = ConnectionDeadlines.Output(acknowledged: 0, isPending: false)

    private func pending(_ acknowledged: UInt64) -> ConnectionDeadlines.Output {
        ConnectionDeadlines.Output(acknowledged: acknowledged, isPending: true)
    }

    private func at(_ seconds: Double) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .nanoseconds(Int64(seconds * 1e9))
    }

    private func open() -> ConnectionDeadlines { ConnectionDeadlines(limits: limits, opened: at(0)) }

    /// The deadlines after one request was answered, at 100 s.
    private func used() -> ConnectionDeadlines {
        var deadlines = open()
        deadlines.requestBegan()
        deadlines.becameQuiet(at: at(100))
        return deadlines
    }

    @Test("A connection without a request is closed without an answer: the first request has less time than the next")
    func idle() {
        var fresh = open()
        #expect(fresh.first == at(10))
        #expect(fresh.look(at: at(9), .idle, none) == .wait(until: at(10)))
        #expect(fresh.look(at: at(10), .idle, none) == .close)
        var other = used()
        #expect(other.look(at: at(110), .idle, none) == .wait(until: at(175)))
        #expect(other.look(at: at(175), .idle, none) == .close)
    }

    @Test("A head has its time from the first byte on, however many bytes follow")
    func head() {
        var deadlines = used()
        #expect(deadlines.headArrived(at: at(150)) == at(160))
        for second in 151..<160 { #expect(deadlines.headArrived(at: at(Double(second))) == at(160)) }
        #expect(deadlines.look(at: at(159.9), .head, none) == .wait(until: at(160)))
        #expect(deadlines.look(at: at(160), .head, none) == .timeOut)
        var fresh = open()
        #expect(fresh.headArrived(at: at(4)) == at(10), "the first head counts from the accept on")
        fresh.requestBegan()
        #expect(fresh.headArrived(at: at(20)) == at(30))
    }

    @Test("A body may pause so long, and its rate must be the least rate at least, after a first grace")
    func body() {
        var deadlines = used()
        #expect(deadlines.bodyArrived(10, at: at(100)) == at(130))
        #expect(deadlines.look(at: at(129), .body, none) == .wait(until: at(130)))
        #expect(deadlines.look(at: at(130), .body, none) == .timeOut)
        // At a byte a second, each byte extends the time by only its own share.
        var drip = used()
        for second in 0..<30 { _ = drip.bodyArrived(1, at: at(100 + Double(second))) }
        #expect(drip.look(at: at(130.2), .body, none) == .wait(until: at(130.3)))
        #expect(drip.look(at: at(130.3), .body, none) == .timeOut)
        // At ten times the least rate, a body may take any time.
        var steady = used()
        for second in 0..<10_000 {
            let now = at(100 + Double(second))
            #expect(steady.bodyArrived(1_000, at: now) > now)
            #expect(steady.look(at: now, .body, none) != .timeOut)
        }
        steady.requestBegan()
        #expect(steady.bodyArrived(1, at: at(20_000)) == at(20_030), "each body has its own grace")
    }

    @Test("A body that was not read for a while has the whole time again")
    func bodyResumed() {
        var deadlines = used()
        #expect(deadlines.bodyArrived(10, at: at(100)) == at(130))
        #expect(deadlines.bodyResumed(at: at(129)) == at(159))
        #expect(deadlines.look(at: at(130), .body, none) == .wait(until: at(159)))
        #expect(deadlines.look(at: at(159), .body, none) == .timeOut)
    }

    @Test("A client that takes no byte for so long is dropped; one that takes any is not, however long it takes")
    func stalls() {
        for stage in [ConnectionDeadlines.Stage.answering, .idle, .lingering] {
            var stalled = used()
            #expect(stalled.becameUnwritable(at: at(100)) == at(115))
            var now = 100.0
            while now < 160 {
                guard case .wait = stalled.look(at: at(now), stage, pending(5)) else {
                    return #expect(Bool(false), "dropped at \(now)")
                }
                now += 15
            }
            #expect(stalled.look(at: at(160), stage, pending(5)) == .drop)
            var slow = used()
            for step in 0..<10_000 {
                let verdict = slow.look(at: at(100 + 50 * Double(step)), stage, pending(UInt64(step)))
                guard case .wait = verdict else { return #expect(Bool(false), "\(verdict) at step \(step)") }
            }
        }
    }

    @Test("The time between requests begins when the last answer was taken")
    func idleAfterSlowAnswer() {
        var deadlines = used()
        #expect(deadlines.look(at: at(175), .idle, pending(1)) == .wait(until: at(190)))
        #expect(deadlines.look(at: at(190), .idle, pending(2)) == .wait(until: at(205)))
        #expect(deadlines.look(at: at(205), .idle, none) == .wait(until: at(265)))
        #expect(deadlines.look(at: at(265), .idle, none) == .close)
    }

    @Test("A connection that ends is closed so long after the client took everything, not after it was written")
    func linger() {
        var deadlines = used()
        #expect(deadlines.look(at: at(102), .lingering, pending(1)) == .wait(until: at(104)))
        deadlines.flushed(at: at(103))
        #expect(deadlines.look(at: at(104), .lingering, pending(2)) == .wait(until: at(106)))
        #expect(deadlines.look(at: at(106), .lingering, none) == .wait(until: at(108)))
        #expect(deadlines.look(at: at(108), .lingering, none) == .close)
        var quick = used()
        quick.flushed(at: at(101))
        #expect(quick.look(at: at(103), .lingering, none) == .close)
    }

    @Test("A request that is not read because the client takes nothing is not late")
    func blocked() {
        var deadlines = used()
        _ = deadlines.headArrived(at: at(100))
        _ = deadlines.bodyArrived(1, at: at(100))
        #expect(deadlines.look(at: at(130), .answering, pending(1)) == .wait(until: at(145)))
        #expect(deadlines.look(at: at(135), .head, none) == .wait(until: at(140)))
        #expect(deadlines.look(at: at(135), .body, none) == .wait(until: at(160)))
    }
}
