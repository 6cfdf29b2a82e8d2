import NIOCore

/// What has arrived on a connection and waits for its turn: the bytes of requests, which are read one part at a time, and the
/// memory that they take.
struct RequestBacklog: ~Copyable {
    /// Bytes that may wait behind a request that is being answered. More than two readings of the network come only from a
    /// client that has ended its side of the connection, and to whom nothing can be answered.
    static let limit = 1024 * 1024

    private var reader: RequestReader
    private var memory: Reservation

    init(limits: RequestReader.Limits, _ routes: RouteTable, _ account: MemoryAccount) {
        reader = RequestReader(limits: limits, routes)
        memory = Reservation(account)
    }

    /// Bytes that wait.
    var count: Int { reader.unreadBytes }
    /// Whether no part of a request waits.
    var isBetweenRequests: Bool { reader.isBetweenRequests }
    /// Whether a head has begun and is not complete.
    var isInsideHead: Bool { reader.isInsideHead }

    mutating func receive(_ bytes: ByteBuffer) { reader.receive(bytes) }

    /// The next part of a request.
    mutating func next() -> RequestReader.Step { reader.next() }

    /// Counts what waits against the memory budget.
    ///
    /// - Returns: false where it is too much, and has been dropped.
    mutating func isAffordable() -> Bool {
        memory.release()
        let waiting = reader.unreadBytes
        if waiting <= Self.limit, memory.grow(by: waiting) { return true }
        reader.drop()
        return false
    }

    /// Forgets what waits.
    mutating func drop() {
        reader.drop()
        memory.release()
    }
}
