import PluginKit

/// [I/O thread] A connection, as far as the loop that drives it knows it.
protocol DrivenConnection: AnyObject {
    /// Names it towards the poller and the resolver; never 0.
    var id: UInt64 { get }

    /// When `deadlineReached` wants to be called, on the loop's clock in nanoseconds; nil means never.
    var deadline: UInt64? { get }

    /// Its socket can be read or written.
    func onEvent(_ event: Poller.Event)

    /// Sends what was written in this turn.
    func flush()

    /// Goes on with reading, since there was more in the turn before than was read.
    func readMore()

    func deadlineReached()

    /// The addresses of the host that it asked the resolver for.
    /// - Parameter attempt: says which question this answers.
    func resolved(_ result: Result<[SocketAddress], BackendFailure>, attempt: UInt64)
}

/// The connections that a loop drives, and those for which something is left to do in this turn or the next. It holds
/// them until they are removed. A value that knows no sockets.
struct ConnectionTable {
    private var connections: [UInt64: any DrivenConnection] = [:]
    private var lastID = Poller.wakeUpID
    private var unflushed: [any DrivenConnection] = []
    private var unread: [any DrivenConnection] = []

    /// An id that no connection has had.
    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ connection: any DrivenConnection) { connections[connection.id] = connection }

    mutating func remove(_ connection: any DrivenConnection) { connections[connection.id] = nil }

    /// nil means that it was removed.
    subscript(id: UInt64) -> (any DrivenConnection)? { connections[id] }

    // MARK: What is left to do

    /// Has a connection flushed at the end of the turn.
    mutating func flushLater(_ connection: any DrivenConnection) { unflushed.append(connection) }

    /// Has a connection read on in the next turn.
    mutating func readLater(_ connection: any DrivenConnection) { unread.append(connection) }

    /// Whether a connection has more to read, so that the loop must not sleep.
    var hasUnread: Bool { !unread.isEmpty }

    /// The connections to be flushed, in the order in which they asked; they are taken out.
    mutating func takeUnflushed() -> [any DrivenConnection] {
        defer { unflushed = [] }
        return unflushed
    }

    /// The connections that are to read on; they are taken out.
    mutating func takeUnread() -> [any DrivenConnection] {
        defer { unread = [] }
        return unread
    }

    // MARK: Deadlines

    /// The earliest deadline of all.
    var nextDeadline: UInt64? { connections.values.lazy.compactMap { $0.deadline }.min() }

    /// The connections whose deadline has come.
    func due(now: UInt64) -> [any DrivenConnection] {
        connections.values.filter { connection in connection.deadline.map { $0 <= now } ?? false }
    }
}
