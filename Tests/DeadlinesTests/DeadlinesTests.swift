import NIOCore
import NIOEmbedded
import Testing

@testable import Deadlines

@Suite("Deadlines of an event loop")
struct DeadlinesTests {
    private final class Recorder: Expiring {
        var passed: [UInt32] = []
        var then: (() -> Void)?

        func deadlinePassed(reason: UInt32) {
            passed.append(reason)
            then?()
        }
    }

    @Test("A deadline that passes calls its object once, with its reason, and the tick stops when nothing is armed")
    func passes() {
        let loop = EmbeddedEventLoop()
        let deadlines = Deadlines(eventLoop: loop, now: { loop.now })
        let recorder = Recorder()
        _ = deadlines.arm(after: .milliseconds(25), for: recorder, reason: 7)
        loop.advanceTime(by: .milliseconds(20))
        #expect(recorder.passed == [])
        loop.advanceTime(by: .milliseconds(20))
        #expect(recorder.passed == [7])
        loop.advanceTime(by: .seconds(10))
        #expect(recorder.passed == [7] && deadlines.count == 0)
    }

    @Test("An earlier deadline that is armed later passes in its own time, and far ones cost no wake-ups until then")
    func earlierOne() {
        let loop = EmbeddedEventLoop()
        let asked = Counter()
        let deadlines = Deadlines(
            eventLoop: loop,
            now: {
                asked.count += 1
                return loop.now
            }
        )
        let recorder = Recorder()
        _ = deadlines.arm(after: .seconds(60), for: recorder, reason: 60)
        loop.advanceTime(by: .milliseconds(500))
        _ = deadlines.arm(after: .seconds(1), for: recorder, reason: 1)
        asked.count = 0
        loop.advanceTime(by: .milliseconds(900))
        #expect(recorder.passed == [] && asked.count == 0)
        loop.advanceTime(by: .milliseconds(120))
        #expect(recorder.passed == [1])
        asked.count = 0
        loop.advanceTime(by: .seconds(58))
        #expect(recorder.passed == [1] && asked.count < 40)
        loop.advanceTime(by: .seconds(1))
        #expect(recorder.passed == [1, 60])
    }

    private final class Counter {
        var count = 0
    }

    @Test("A deadline that is disarmed by another one of the same tick is not delivered")
    func disarmedDuringDelivery() {
        let loop = EmbeddedEventLoop()
        let deadlines = Deadlines(eventLoop: loop, now: { loop.now })
        let recorder = Recorder()
        let tokens = [1, 2].map { deadlines.arm(after: .milliseconds(15), for: recorder, reason: $0) }
        recorder.then = { tokens.forEach(deadlines.disarm) }
        loop.advanceTime(by: .milliseconds(40))
        #expect(recorder.passed.count == 1)
        #expect(deadlines.count == 0)
    }
}
