import NIOCore

/// The memory of the budget that the body of a connection's present request takes.
struct RequestBodyMemory: ~Copyable {
    private var memory: Reservation
    /// Whether the body's length is not known before its end, so that its parts are counted as they are received.
    private var countsParts = false
    /// The body of the request that is being answered, where it is so large that freeing it takes long.
    private var large: ByteBuffer?

    init(_ account: MemoryAccount) {
        memory = Reservation(account)
    }

    /// A request begins. It returns false where there is no room for its body.
    mutating func begin(length: Int?, isChunked: Bool) -> Bool {
        countsParts = isChunked
        return memory.grow(by: length ?? 0)
    }

    /// A part of the body was received. It returns false where there is no room for it.
    mutating func receive(_ bytes: Int) -> Bool {
        !countsParts || memory.grow(by: bytes)
    }

    /// The body is complete and is handed over.
    mutating func handOver(_ body: ByteBuffer) {
        if body.readableBytes >= LongWork.costlyBody { large = body }
    }

    /// The body was decoded, and its decoded form takes its place. It returns false where there is no room for it.
    ///
    /// - Parameters:
    ///   - taken: how many bytes were taken from the budget for it already. The rest is taken now.
    ///   - former: the body as it was received, where its memory must be freed off the loop.
    mutating func replace(by body: ByteBuffer, taken: Int, former: inout ByteBuffer?) -> Bool {
        former = large.take()
        memory.adopt(taken)
        guard memory.grow(by: max(0, body.readableBytes - taken)) else { return false }
        handOver(body)
        return true
    }

    /// The request has been answered, or will not be.
    ///
    /// - Returns: the last reference to a body whose memory must be freed off the loop.
    mutating func end() -> ByteBuffer? {
        memory.release()
        return large.take()
    }
}
