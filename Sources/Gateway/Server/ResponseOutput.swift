import NIOCore

/// Bytes of answers that have been sent and not yet written to the channel. Small pieces are put into one buffer: a copy costs
/// less than another element of a gathered write.
///
/// A value that knows no channel: what has to be written is returned.
struct ResponseOutput {
    /// Bytes up to which pieces are put together.
    static let gatherLimit = 8 * 1024

    private var gathered: ByteBuffer?
    /// Whether something has been sent since the last flush.
    private(set) var needsFlush = false

    /// Bytes that were sent since the connection was opened.
    private(set) var sentBytes = 0

    /// Sends bytes behind all others.
    ///
    /// - Returns: what has to be written now, in front of them.
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

    /// Has small pieces written behind what was sent.
    ///
    /// - Parameters:
    ///   - room: how many bytes they have at most.
    ///   - allocator: gives a new buffer where one is needed.
    /// - Returns: what has to be written now, in front of them.
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

    /// What is left to write before the channel is flushed, which is up to the caller.
    mutating func flush() -> ByteBuffer? {
        needsFlush = false
        return gathered.take()
    }
}
