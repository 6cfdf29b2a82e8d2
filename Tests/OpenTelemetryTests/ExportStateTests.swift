import NIOCore
import OpenTelemetry
import Testing

@Suite("The export of spans")
struct ExportStateTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Double) -> NIODeadline { start + .milliseconds(Int64(seconds * 1000)) }

    private func state() -> ExportState { ExportState(ExportState.Rules(), now: start) }

    /// A state with a batch that was sent at second 5.
    private func sending() -> ExportState {
        var state = state()
        _ = state.timerFired(queued: 3, now: at(5), chance: 0)
        return state
    }

    @Test("collects spans for five seconds, and sends nothing where there are none")
    func delay() {
        var state = state()
        #expect(state.timer == at(5))
        let early = state.timerFired(queued: 3, now: at(4), chance: 0)
        let empty = state.timerFired(queued: 0, now: at(5), chance: 0)
        #expect(early == .nothing && empty == .nothing && state.timer == at(10))
        let due = state.timerFired(queued: 1, now: at(10), chance: 0)
        #expect(due == .takeAndSend(by: at(20)) && state.timer == at(20))
    }

    @Test("sends a full batch at once, and the next after its answer")
    func fullBatch() {
        var state = state()
        let few = state.filled(queued: 511, now: at(1))
        let full = state.filled(queued: 512, now: at(1))
        #expect(few == .nothing && full == .takeAndSend(by: at(11)))
        let busy = state.filled(queued: 600, now: at(2))
        #expect(busy == .nothing, "one batch is on its way at a time")
        let next = state.succeeded(queued: 600, now: at(3))
        let last = state.succeeded(queued: 88, now: at(4))
        #expect(next == .takeAndSend(by: at(13)) && last == .nothing && state.timer == at(9))
    }

    @Test("tries again after a pause that doubles, until the time for the batch is over")
    func retries() {
        var state = sending()
        let first = state.failed(mayRepeat: true, now: at(5), chance: 1)
        #expect(first == .nothing && state.timer == at(6))
        let second = state.timerFired(queued: 0, now: at(6), chance: 0)
        #expect(second == .sendAgain(by: at(15)))
        _ = state.failed(mayRepeat: true, now: at(6), chance: 1)
        #expect(state.timer == at(8))
        _ = state.timerFired(queued: 0, now: at(8), chance: 0)
        _ = state.failed(mayRepeat: true, now: at(8), chance: 1)
        #expect(state.timer == at(12))
        _ = state.timerFired(queued: 0, now: at(12), chance: 0)
        let last = state.failed(mayRepeat: true, now: at(12), chance: 1)
        #expect(last == .drop && state.timer == at(17))
    }

    @Test("waits as long as the collector asks, and gives up where that is too long")
    func retryAfter() {
        var state = sending()
        let patient = state.failed(mayRepeat: true, retryAfter: .seconds(7), now: at(5), chance: 0)
        #expect(patient == .nothing && state.timer == at(12))
        state = sending()
        let impatient = state.failed(mayRepeat: true, retryAfter: .seconds(60), now: at(5), chance: 0)
        #expect(impatient == .drop)
    }

    @Test("does not repeat what was refused, nor what was not answered in time")
    func givesUp() {
        var state = sending()
        let refused = state.failed(mayRepeat: false, now: at(6), chance: 0)
        #expect(refused == .drop && state.timer == at(11))
        state = sending()
        let late = state.timerFired(queued: 9, now: at(15), chance: 0)
        #expect(late == .drop)
        let unexpected = state.succeeded(queued: 0, now: at(16))
        #expect(unexpected == .nothing, "an answer that comes later means nothing")
    }

    @Test("sends what waits when the gateway stops, batch by batch, and then ends")
    func stop() {
        var state = state()
        let first = state.stop(within: .seconds(3), queued: 600, now: at(1))
        #expect(first == .takeAndSend(by: at(4)))
        let second = state.succeeded(queued: 88, now: at(2))
        #expect(second == .takeAndSend(by: at(4)))
        let end = state.succeeded(queued: 0, now: at(3))
        #expect(end == .end && state.timer == nil)
        let after = state.filled(queued: 9_999, now: at(4))
        #expect(after == .nothing)
    }

    @Test("ends at once where nothing waits, at the first failure, and when the time for the stop is over")
    func stopBounds() {
        var state = state()
        let idle = state.stop(within: .seconds(3), queued: 0, now: at(1))
        #expect(idle == .end)
        state = sending()
        let busy = state.stop(within: .seconds(3), queued: 4, now: at(6))
        #expect(busy == .nothing && state.timer == at(9))
        let silent = state.timerFired(queued: 4, now: at(9), chance: 0)
        #expect(silent == .end)
        state = sending()
        _ = state.failed(mayRepeat: true, now: at(5), chance: 1)
        let again = state.stop(within: .seconds(3), queued: 4, now: at(5.5))
        #expect(again == .sendAgain(by: at(8.5)))
        let down = state.failed(mayRepeat: true, now: at(5.6), chance: 0)
        #expect(down == .end)
    }
}

@Suite("The queue of spans")
struct SpanQueueTests {
    @Test("drops what it has no room for, counts it, and never grows beyond its limit")
    func bounded() {
        let queue = SpanQueue(limit: 5, batchSize: 2)
        for _ in 0..<10 { _ = queue.add([[1], [2]]) }
        #expect(queue.count == 4)
        #expect(queue.takeDropped() == 16 && queue.takeDropped() == 0)
        _ = queue.add([[3]])
        #expect(queue.count == 5)
        #expect(queue.removeAll() == 5 && queue.count == 0)
    }

    @Test("is bounded in bytes too")
    func bytes() {
        let queue = SpanQueue(limit: 1_000, batchSize: 1_000)
        let large = [UInt8](repeating: 0, count: SpanQueue.byteLimit / 2)
        for _ in 0..<3 { _ = queue.add([large]) }
        #expect(queue.count == 2 && queue.takeDropped() == 1)
        _ = queue.takeBatch()
        _ = queue.add([large])
        #expect(queue.count == 1, "what was taken makes room")
    }

    @Test("says once that a batch is full, until one is taken, and gives the oldest first")
    func batches() {
        let queue = SpanQueue(limit: 100, batchSize: 3)
        let told = (0..<7).map { queue.add([[UInt8($0)]]) }
        #expect(told == [false, false, true, false, false, false, false])
        #expect(queue.takeBatch() == [[0], [1], [2]])
        #expect(queue.add([[7]]))
        #expect(queue.takeBatch() == [[3], [4], [5]])
    }
}

@Suite("Lost spans")
struct SpanLossesTests {
    @Test("are reported at once, then once a minute, and at the end")
    func reports() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        var losses = SpanLosses()
        let nothing = losses.report(now: start, isLast: true)
        #expect(nothing == nil)
        losses.lost(1, "the collector is down")
        let first = losses.report(now: start)
        #expect(first == "1 span was dropped: the collector is down")
        losses.lost(5, "the collector is down")
        losses.lost(2, "the queue is full")
        let soon = losses.report(now: start + .seconds(59))
        let later = losses.report(now: start + .seconds(60))
        #expect(soon == nil && later == "7 spans were dropped: the queue is full")
        losses.lost(3, "the gateway has stopped")
        let last = losses.report(now: start + .seconds(61), isLast: true)
        #expect(last == "3 spans were dropped: the gateway has stopped")
    }
}
