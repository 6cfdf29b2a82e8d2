/// The output of a connection: encoded commands, and how the connection learns that more of them can be sent. It has no
/// socket.
struct SendQueue {
    /// The limit of unsent bytes. A server that does not read them is too slow.
    static let limit = 64 << 20

    /// The outcome of sending.
    enum Outcome: Equatable {
        /// The transport accepted what it could, and the watched events do not change.
        case sent
        /// From now on the socket must be watched for room to write, or no longer be watched for it.
        case watch(forWriting: Bool)
        /// The connection is broken. The reason is the system's text.
        case failed(String)
    }

    private var buffer = OutputBuffer()
    private var isFlushRequested = false
    private var isWatchedForWriting = false

    /// Whether nothing more may be appended.
    var isFull: Bool { buffer.count >= Self.limit }

    /// Appends what `encode` writes.
    mutating func append(_ encode: (inout OutputBuffer) -> Void) { encode(&buffer) }

    /// Records that appended bytes are to be flushed at the end of the turn.
    /// - Returns: whether it was not recorded before.
    mutating func requestFlush() -> Bool {
        defer { isFlushRequested = true }
        return !isFlushRequested
    }

    /// Sends as much as `write` accepts, in one piece or several.
    mutating func flush(_ write: (UnsafeRawBufferPointer) -> TransportWrite) -> Outcome {
        isFlushRequested = false
        var failure: String?
        while !buffer.isEmpty {
            var sent = 0
            buffer.send { bytes in
                switch write(bytes) {
                case .sent(let count): sent = count
                case .failed(let reason): failure = reason
                }
                return sent
            }
            if sent == 0 { break }
        }
        if let failure { return .failed(failure) }
        guard isWatchedForWriting == buffer.isEmpty else { return .sent }
        isWatchedForWriting = !buffer.isEmpty
        return .watch(forWriting: isWatchedForWriting)
    }

    /// Discards everything, for a new socket.
    mutating func clear() {
        buffer.clear()
        isFlushRequested = false
        isWatchedForWriting = false
    }
}
