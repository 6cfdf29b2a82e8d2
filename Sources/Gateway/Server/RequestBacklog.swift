import NIOCore

/// The received bytes of a connection that wait for their turn: requests, which are read one part at a time, and the
/// memory that they take.
struct RequestBacklog: ~Copyable {
    /// How many bytes may wait behind a request that is being answered. More than two reads come only from a client
    /// that has closed its side of the connection, and that cannot be answered.
    static let limit = 1024 * 1024

    private var reader: RequestReader
    private var memory: Reservation

    init(limits: RequestReader.Limits, _ routes: RouteTable, _ account: MemoryAccount) {
        reader = RequestReader(limits: limits, routes)
        memory = Reservation(account)
    }

    /// The requests whose heads have not been read are read by other limits and routes.
    mutating func adopt(_ limits: RequestReader.Limits, _ routes: RouteTable) {
        reader.limits = limits
        reader.routes = routes
    }

    /// The number of bytes that wait.
    var count: Int { reader.unreadBytes }
    /// Whether no part of a request waits.
    var isBetweenRequests: Bool { reader.isBetweenRequests }
    /// Whether a head has begun and is not complete.
    var isInsideHead: Bool { reader.isInsideHead }

    mutating func receive(_ bytes: ByteBuffer) { reader.receive(bytes) }

    /// Reads the next part of a request.
    mutating func next() -> RequestReader.Step { reader.next() }

    /// Counts the waiting bytes against the memory budget.
    ///
    /// - Returns: false where they are too many, and have been dropped.
    mutating func isAffordable() -> Bool {
        memory.release()
        let waiting = reader.unreadBytes
        if waiting <= Self.limit, memory.grow(by: waiting) { return true }
        reader.drop()
        return false
    }

    /// Drops the waiting bytes.
    mutating func drop() {
        reader.drop()
        memory.release()
    }
}
