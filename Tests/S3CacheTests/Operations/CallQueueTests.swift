import Testing

@testable import S3Cache

private final class FakeCall: QueuedCall {
    let isWrite: Bool
    let bodyBytes: Int
    var queueState = CallQueueState.waiting

    init(isWrite: Bool = false, bodyBytes: Int = 0) {
        self.isWrite = isWrite
        self.bodyBytes = bodyBytes
    }
}

@Suite("The queue for connections")
struct CallQueueTests {
    @Test("lets as many requests run as there are connections, and another when one has ended")
    func bound() {
        var queue = CallQueue<FakeCall>(connections: 2)
        let calls = (0..<3).map { _ in FakeCall() }
        for call in calls { queue.append(call) }
        #expect(queue.next() === calls[0] && queue.next() === calls[1])
        #expect(queue.next() == nil)
        queue.ended(calls[0])
        #expect(queue.next() === calls[2])
    }

    @Test("has look-ups overtake writes, which get half of the connections at most and one at least")
    func overtaking() {
        for (connections, writing) in [(4, 2), (1, 1)] {
            var queue = CallQueue<FakeCall>(connections: connections)
            for _ in 0..<connections { queue.append(FakeCall(isWrite: true)) }
            let lookup = FakeCall()
            queue.append(lookup)
            #expect(queue.next() === lookup)
            queue.ended(lookup)
            var running = 0
            while queue.next() != nil { running += 1 }
            #expect(running == writing)
        }
    }

    @Test("passes over requests that were given up while they waited")
    func givenUp() {
        var queue = CallQueue<FakeCall>(connections: 1)
        let (first, second) = (FakeCall(isWrite: true), FakeCall(isWrite: true))
        queue.append(first)
        queue.append(second)
        queue.ended(first)
        #expect(queue.next() === second)
        queue.ended(second)
        #expect(first.queueState == .ended && second.queueState == .ended && queue.next() == nil)
    }

    @Test("has no room beyond a thousand writes that wait, or 64 MiB of them")
    func room() {
        var many = CallQueue<FakeCall>(connections: 2)
        let calls = (0..<1_000).map { _ in FakeCall(isWrite: true) }
        for call in calls {
            #expect(many.hasRoom)
            many.append(call)
        }
        #expect(!many.hasRoom)
        many.ended(calls[500])
        #expect(many.hasRoom, "one was given up")
        var large = CallQueue<FakeCall>(connections: 2)
        let call = FakeCall(isWrite: true, bodyBytes: 64 << 20)
        large.append(call)
        #expect(!large.hasRoom)
        #expect(large.next() === call)
        #expect(!large.hasRoom, "its bytes are kept while it runs")
        large.ended(call)
        #expect(large.hasRoom)
    }
}
