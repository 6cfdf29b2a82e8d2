import Deadlines
import NIOCore

/// The unused connections of one event loop.
final class ConnectionPool: Expiring {
    private let deadlines: Deadlines
    private let idleTimeout: TimeAmount
    private let limit: Int
    private let now: () -> NIODeadline
    private var stacks: [Route: IdleStack<Connection>] = [:]
    private var isReaping = false
    private(set) var isShutDown = false

    init(deadlines: Deadlines, idleTimeout: TimeAmount, limit: Int, now: @escaping () -> NIODeadline) {
        self.now = now
        self.deadlines = deadlines
        self.idleTimeout = idleTimeout
        self.limit = limit
    }

    /// How many connections are unused.
    var count: Int { stacks.values.reduce(0) { $0 + $1.count } }

    func take(_ route: Route) -> Connection? {
        stacks[route]?.pop()
    }

    func keep(_ connection: Connection) {
        guard !isShutDown else {
            connection.close()
            return
        }
        let evicted = stacks[connection.route, default: IdleStack(limit: limit)].push(connection, now: now())
        evicted?.close()
        if !isReaping {
            isReaping = true
            _ = deadlines.arm(after: idleTimeout, for: self, reason: 0)
        }
    }

    /// An unused connection was closed by the other side.
    func forget(_ connection: Connection) {
        stacks[connection.route]?.remove(connection)
    }

    func deadlinePassed(reason: UInt32) {
        isReaping = false
        let limit = now() - idleTimeout
        for route in Array(stacks.keys) {
            let old = stacks[route]?.removeIdle(since: limit) ?? []
            if stacks[route]?.count == 0 { stacks[route] = nil }
            for connection in old { connection.close() }
        }
        if !stacks.isEmpty, !isReaping, !isShutDown {
            isReaping = true
            _ = deadlines.arm(
                after: max(.nanoseconds(idleTimeout.nanoseconds / 2), Deadlines.precision),
                for: self,
                reason: 0
            )
        }
    }

    func shutdown() {
        isShutDown = true
        let idle = stacks.keys.flatMap { stacks[$0]?.removeAll() ?? [] }
        stacks.removeAll()
        for connection in idle { connection.close() }
    }
}
