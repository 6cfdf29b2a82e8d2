/// What a connection is to send: encoded commands, and who says when more of them can go. A value that knows no socket.
struct SendQueue {
    /// A server that leaves this much unread is too slow for what it is sent, in bytes.
    static let limit = 64 << 20

    /// What came of sending.
    enum Outcome: Equatable {
        /// The transport took what it could, and what is watched stays as it is.
        case sent
        /// From now on the socket is to be watched, or not to be watched, for room to write.
        case watch(forWriting: Bool)
        /// The connection is broken; the reason is in the system's words.
        case failed(String)
    }

    private var buffer = OutputBuffer()
    private var isFlushRequested = false
    private var isWatchedForWriting = false

    /// Whether nothing more may be appended.
    var isFull: Bool { buffer.count >= Self.limit }

    /// Appends what `encode` writes.
    mutating func append(_ encode: (inout OutputBuffer) -> Void) { encode(&buffer) }

    /// Notes that what was appended is to be flushed at the end of the turn.
    /// - Returns: whether that was not noted before.
    mutating func requestFlush() -> Bool {
        defer { isFlushRequested = true }
        return !isFlushRequested
    }

    /// Sends as much as `write` takes, in one piece or several.
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

    /// Forgets everything, for a new socket.
    mutating func clear() {
        buffer.clear()
        isFlushRequested = false
        isWatchedForWriting = false
    }
}
