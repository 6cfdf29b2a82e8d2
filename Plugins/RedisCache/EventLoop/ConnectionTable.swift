import PluginKit

/// [I/O thread] A connection as the loop that drives it sees it.
protocol DrivenConnection: AnyObject {
    /// Identifies the connection to the poller and the resolver. It is never 0.
    var id: UInt64 { get }

    /// When `deadlineReached` must be called, on the loop's clock in nanoseconds. It is nil where there is no deadline.
    var deadline: UInt64? { get }

    /// The socket can be read or written.
    func onEvent(_ event: Poller.Event)

    /// Sends the bytes that were written in this turn.
    func flush()

    /// Continues reading, since the turn before did not read everything.
    func readMore()

    func deadlineReached()

    /// Receives the addresses of the host that it asked the resolver for.
    /// - Parameter attempt: identifies the query that this answers.
    func resolved(_ result: Result<[SocketAddress], BackendFailure>, attempt: UInt64)
}

/// The connections that a loop drives, and those for which work remains in this turn or the next. It holds them until
/// they are removed. It has no sockets.
struct ConnectionTable {
    private var connections: [UInt64: any DrivenConnection] = [:]
    private var lastID = Poller.wakeUpID
    private var unflushed: [any DrivenConnection] = []
    private var unread: [any DrivenConnection] = []

    /// Returns an id that no connection has had.
    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ connection: any DrivenConnection) { connections[connection.id] = connection }

    mutating func remove(_ connection: any DrivenConnection) { connections[connection.id] = nil }

    /// The connection of an id. It is nil where the connection was removed.
    subscript(id: UInt64) -> (any DrivenConnection)? { connections[id] }

    // MARK: Remaining work

    /// Schedules a connection to be flushed at the end of the turn.
    mutating func flushLater(_ connection: any DrivenConnection) { unflushed.append(connection) }

    /// Schedules a connection to continue reading in the next turn.
    mutating func readLater(_ connection: any DrivenConnection) { unread.append(connection) }

    /// Whether a connection has more to read, so that the loop must not sleep.
    var hasUnread: Bool { !unread.isEmpty }

    /// Removes and returns the connections to be flushed, in the order in which they were scheduled.
    mutating func takeUnflushed() -> [any DrivenConnection] {
        defer { unflushed = [] }
        return unflushed
    }

    /// Removes and returns the connections that continue reading.
    mutating func takeUnread() -> [any DrivenConnection] {
        defer { unread = [] }
        return unread
    }

    // MARK: Deadlines

    /// The earliest deadline of all.
    var nextDeadline: UInt64? { connections.values.lazy.compactMap { $0.deadline }.min() }

    /// The connections whose deadline has passed.
    func due(now: UInt64) -> [any DrivenConnection] {
        connections.values.filter { connection in connection.deadline.map { $0 <= now } ?? false }
    }
}
