import NIOCore

/// The bytes of answers that have been sent and not yet written to the channel. Small pieces are collected in one
/// buffer, because a copy costs less than another element of a gathered write.
///
/// It knows no channel, and returns the bytes that have to be written.
struct ResponseOutput {
    /// Pieces are collected up to this many bytes.
    static let gatherLimit = 8 * 1024

    private var gathered: ByteBuffer?
    /// Whether something has been sent since the last flush.
    private(set) var needsFlush = false

    /// How many bytes were sent since the connection was opened.
    private(set) var sentBytes = 0

    /// Sends bytes after all others.
    ///
    /// - Returns: the bytes that have to be written before them now.
    mutating func send(_ bytes: ByteBuffer) -> ByteBuffer? {
        needsFlush = true
        sentBytes &+= bytes.readableBytes
        guard var gathered, gathered.readableBytes + bytes.readableBytes <= Self.gatherLimit else {
            let full = self.gathered
            self.gathered = bytes
            return full
        }
        self.gathered = nil
        gathered.writeImmutableBuffer(bytes)
        self.gathered = gathered
        return nil
    }

    /// Writes small pieces after the bytes that were sent.
    ///
    /// - Parameters:
    ///   - room: how many bytes the pieces have at most.
    ///   - allocator: allocates a new buffer where one is needed.
    /// - Returns: the bytes that have to be written before them now.
    mutating func gather(
        room: Int,
        _ allocator: ByteBufferAllocator,
        _ write: (inout ByteBuffer) -> Void
    ) -> ByteBuffer? {
        needsFlush = true
        var full: ByteBuffer?
        if let gathered, gathered.readableBytes + room > Self.gatherLimit {
            full = gathered
            self.gathered = nil
        }
        var bytes = gathered ?? allocator.buffer(capacity: room)
        gathered = nil
        let before = bytes.readableBytes
        write(&bytes)
        sentBytes &+= bytes.readableBytes - before
        gathered = bytes
        return full
    }

    /// Returns the remaining bytes to write. The caller then flushes the channel.
    mutating func flush() -> ByteBuffer? {
        needsFlush = false
        return gathered.take()
    }
}
