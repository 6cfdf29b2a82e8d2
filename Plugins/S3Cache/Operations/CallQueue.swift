/// [I/O thread] A request to S3 as the queue for connections sees it.
protocol QueuedCall: AnyObject {
    var isWrite: Bool { get }
    /// The size of its body in bytes.
    var bodyBytes: Int { get }
    /// The state, which only the queue sets.
    var queueState: CallQueueState { get set }
}

/// The state of a request in the queue.
enum CallQueueState {
    case waiting
    case running
    /// The request has its outcome.
    case ended
}

/// Requests that wait for a connection. Look-ups come before writes, and writes take at most half of the connections,
/// so that no look-up waits behind them.
struct CallQueue<Call: QueuedCall> {
    /// Writes are dropped beyond this many waiting ones, or this many bytes of them, since no client waits for a write.
    private let mostWrites = 1_000
    private let mostBytes = 64 << 20

    private let connections: Int
    private let writeConnections: Int
    private var running = 0
    private var runningWrites = 0
    private var lookups = Line()
    private var writes = Line()
    private var writtenBytes = 0

    /// - Parameter connections: how many requests may run at a time.
    init(connections: Int) {
        self.connections = connections
        writeConnections = max(1, connections / 2)
    }

    /// Whether another write may wait.
    var hasRoom: Bool { writes.count < mostWrites && writtenBytes < mostBytes }

    /// Adds a request to those that wait.
    mutating func append(_ call: Call) {
        if call.isWrite {
            writes.append(call)
            writtenBytes += call.bodyBytes
        } else {
            lookups.append(call)
        }
    }

    /// The next request that may start, if any. It counts as running until it has ended.
    mutating func next() -> Call? {
        while running < connections {
            let mayWrite = runningWrites < writeConnections
            guard let call = lookups.popFirst() ?? (mayWrite ? writes.popFirst() : nil) else { return nil }
            // The request may have been cancelled in the meantime.
            guard call.queueState == .waiting else { continue }
            call.queueState = .running
            running += 1
            if call.isWrite { runningWrites += 1 }
            return call
        }
        return nil
    }

    /// A request has its outcome, whether it waited or ran.
    mutating func ended(_ call: Call) {
        if call.isWrite { writtenBytes -= call.bodyBytes }
        if call.queueState == .running {
            running -= 1
            if call.isWrite { runningWrites -= 1 }
        } else if call.isWrite {
            writes.ended += 1
        }
        call.queueState = .ended
    }

    /// First in, first out.
    private struct Line {
        private var calls: [Call] = []
        private var first = 0
        /// How many of the requests have ended while they waited.
        var ended = 0

        var count: Int { calls.count - first - ended }

        mutating func append(_ call: Call) { calls.append(call) }

        mutating func popFirst() -> Call? {
            guard first < calls.count else { return nil }
            defer {
                first += 1
                // Requests that were taken are removed together, once they are half of the line.
                if first == calls.count || (first > 32 && first * 2 > calls.count) {
                    calls.removeFirst(first)
                    first = 0
                }
            }
            if calls[first].queueState == .ended, calls[first].isWrite { ended -= 1 }
            return calls[first]
        }
    }
}
