import Synchronization

/// The spans that wait to be sent, as encoded messages. Whoever adds some never waits: where there is no room they are
/// dropped, and counted.
///
/// [any thread]
public final class SpanQueue: Sendable {
    private struct State {
        var spans: [[UInt8]] = []
        var bytes = 0
        /// How many were dropped since that was last asked.
        var dropped = 0
        /// Whether it was said that a batch is full, and none was taken since.
        var hasToldOfBatch = false
    }

    /// How much memory spans may take while they wait, whatever number they are.
    public static let byteLimit = 16 << 20

    private let state = Mutex(State())
    private let limit: Int
    private let batchSize: Int

    /// Makes a queue for at most `limit` spans.
    ///
    /// - Parameter batchSize: how many spans make a batch that is worth sending at once.
    public init(limit: Int, batchSize: Int) {
        self.limit = limit
        self.batchSize = batchSize
    }

    /// Adds spans of one request, all of them or none.
    ///
    /// - Returns: whether a batch is full for the first time since one was taken.
    public func add(_ spans: [[UInt8]]) -> Bool {
        let size = spans.reduce(0) { $0 + $1.count }
        return state.withLock { state in
            guard state.spans.count + spans.count <= limit, state.bytes + size <= Self.byteLimit else {
                state.dropped += spans.count
                return false
            }
            state.spans += spans
            state.bytes += size
            guard state.spans.count >= batchSize, !state.hasToldOfBatch else { return false }
            state.hasToldOfBatch = true
            return true
        }
    }

    /// How many spans wait.
    public var count: Int { state.withLock { $0.spans.count } }

    /// Takes the oldest spans, as many as a batch has.
    public func takeBatch() -> [[UInt8]] {
        state.withLock { state in
            let batch = Array(state.spans.prefix(batchSize))
            state.spans.removeFirst(batch.count)
            state.bytes -= batch.reduce(0) { $0 + $1.count }
            state.hasToldOfBatch = false
            return batch
        }
    }

    /// Removes all spans, and returns how many there were.
    public func removeAll() -> Int {
        state.withLock { state in
            defer {
                state.spans = []
                state.bytes = 0
            }
            return state.spans.count
        }
    }

    /// How many spans were dropped because there was no room, since this was last asked.
    public func takeDropped() -> Int {
        state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
    }
}
