/// Requests that wait for a connection: look-ups before writes, and writes on half of the connections at most, so that no
/// look-up waits behind them. Bound to the I/O thread.
struct CallQueue {
    /// Writes beyond this are dropped, since no client waits for a write.
    static let mostWrites = 1_000
    static let mostBytes = 64 << 20

    private let connections: Int
    private let writeConnections: Int
    private var running = 0
    private var runningWrites = 0
    private var lookups = Line()
    private var writes = Line()
    private var writtenBytes = 0

    init(connections: Int) {
        self.connections = connections
        writeConnections = max(1, connections / 2)
    }

    /// Whether another write may wait.
    var hasRoom: Bool { writes.count < Self.mostWrites && writtenBytes < Self.mostBytes }

    mutating func append(_ call: ObjectCall) {
        if call.isWrite {
            writes.append(call)
            writtenBytes += call.bodyBytes
        } else {
            lookups.append(call)
        }
    }

    /// The next that may start; it counts as running until it has ended.
    mutating func next() -> ObjectCall? {
        while running < connections {
            let mayWrite = runningWrites < writeConnections
            guard let call = lookups.popFirst() ?? (mayWrite ? writes.popFirst() : nil) else { return nil }
            // One that was given up in the meantime.
            guard call.place == .queued else { continue }
            call.place = .running
            running += 1
            if call.isWrite { runningWrites += 1 }
            return call
        }
        return nil
    }

    /// A request has its outcome, wherever it was.
    mutating func ended(_ call: ObjectCall) {
        if call.isWrite { writtenBytes -= call.bodyBytes }
        if call.place == .running {
            running -= 1
            if call.isWrite { runningWrites -= 1 }
        } else if call.isWrite {
            writes.gone += 1
        }
        call.place = .gone
    }

    /// First in, first out.
    private struct Line {
        private var calls: [ObjectCall] = []
        private var first = 0
        /// How many of them were given up.
        var gone = 0

        var count: Int { calls.count - first - gone }

        mutating func append(_ call: ObjectCall) { calls.append(call) }

        mutating func popFirst() -> ObjectCall? {
            guard first < calls.count else { return nil }
            defer {
                first += 1
                // Taken out in one go, when half of it is over.
                if first == calls.count || (first > 32 && first * 2 > calls.count) {
                    calls.removeFirst(first)
                    first = 0
                }
            }
            if calls[first].place == .gone, calls[first].isWrite { gone -= 1 }
            return calls[first]
        }
    }
}
