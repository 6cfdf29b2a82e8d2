/// [I/O thread] A request to S3, as far as the queue for connections knows it.
protocol QueuedCall: AnyObject {
    var isWrite: Bool { get }
    /// Bytes of its body.
    var bodyBytes: Int { get }
    /// Set by the queue alone.
    var queueState: CallQueueState { get set }
}

/// What a request has of the connections.
enum CallQueueState {
    case waiting
    case running
    /// It has its outcome.
    case ended
}

/// Requests that wait for a connection: look-ups before writes, and writes on half of the connections at most, so that
/// no look-up waits behind them. A value.
struct CallQueue<Call: QueuedCall> {
    /// Writes beyond this many that wait, or this many bytes of them, are dropped, since no client waits for a write.
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

    /// Has a request wait.
    mutating func append(_ call: Call) {
        if call.isWrite {
            writes.append(call)
            writtenBytes += call.bodyBytes
        } else {
            lookups.append(call)
        }
    }

    /// The next request that may start, if any; it counts as running until it has ended.
    mutating func next() -> Call? {
        while running < connections {
            let mayWrite = runningWrites < writeConnections
            guard let call = lookups.popFirst() ?? (mayWrite ? writes.popFirst() : nil) else { return nil }
            // It may have been given up in the meantime.
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
        /// How many of them have ended while they waited.
        var ended = 0

        var count: Int { calls.count - first - ended }

        mutating func append(_ call: Call) { calls.append(call) }

        mutating func popFirst() -> Call? {
            guard first < calls.count else { return nil }
            defer {
                first += 1
                // What was taken out is removed in one go, when it is half of the line.
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
