import Deadlines
import NIOCore

/// The unused connections of one event loop.
final class ConnectionPool: Expiring {
    /// The unused connections of one route.
    final class Place {
        let route: UpstreamRoute
        fileprivate var idle: IdleStack<UpstreamConnection>

        /// Makes a place. With the limit 0 it keeps nothing.
        fileprivate init(_ route: UpstreamRoute, limit: Int) {
            self.route = route
            idle = IdleStack(limit: limit)
        }
    }

    private let deadlines: Deadlines
    private var idleTimeout: TimeAmount
    private let now: () -> NIODeadline
    private var places: PlaceTable<Place>
    /// Whether a deadline is armed for closing the connections that are too old.
    private var isReaping = false
    private(set) var isShutDown = false

    /// - Parameter limit: how many unused connections may be kept to one server.
    init(deadlines: Deadlines, idleTimeout: TimeAmount, limit: Int, now: @escaping () -> NIODeadline) {
        self.now = now
        self.deadlines = deadlines
        self.idleTimeout = idleTimeout
        self.places = PlaceTable(limit: limit)
    }

    /// How many connections are unused.
    var count: Int { places.all.reduce(0) { $0 + $1.idle.count } }

    /// The place for connections of a route. Once `serve` was called, a place for a route that it did not name keeps
    /// nothing: connections of calls that began before are closed when those end.
    ///
    /// - Parameter count: how many unused connections may be kept there, within the limit for all. If several
    ///   deployments share a route, the largest number applies.
    func place(of route: UpstreamRoute, atLeast count: Int) -> Place {
        let (place, limit) = places.place(of: route, atLeast: count) { Place(route, limit: $0) }
        close(place.idle.setLimit(limit))
        return place
    }

    /// From now on, keeps connections of these routes only. Unused connections of others are closed at once, and those
    /// in use when their call ends.
    ///
    /// - Parameters:
    ///   - routes: how many unused connections may be kept for each.
    ///   - keepsConnections: whether existing connections to these routes are kept. If they are not, they are closed in
    ///     the same way.
    func serve(_ routes: [UpstreamRoute: Int], limit: Int, idleTimeout: TimeAmount, keepsConnections: Bool) {
        self.idleTimeout = idleTimeout
        let removed = places.serve(routes, limit: limit, keepsPlaces: keepsConnections) { Place($0, limit: $1) }
        for place in removed { close(place.idle.setLimit(0)) }
        for (place, limit) in places.limits { close(place.idle.setLimit(limit)) }
    }

    func take(from place: Place) -> UpstreamConnection? {
        place.idle.pop()
    }

    func keep(_ connection: UpstreamConnection, in place: Place) {
        guard !isShutDown, place.idle.limit > 0 else {
            connection.close()
            return
        }
        place.idle.push(connection, now: now())?.close()
        if !isReaping {
            isReaping = true
            _ = deadlines.arm(after: idleTimeout, for: self, reason: 0)
        }
    }

    /// An unused connection was closed by the other side.
    func forget(_ connection: UpstreamConnection, in place: Place) {
        place.idle.remove(connection)
    }

    func deadlinePassed(reason: UInt32) {
        isReaping = false
        let limit = now() - idleTimeout
        for place in places.all { close(place.idle.removeIdle(since: limit)) }
        if count > 0, !isReaping, !isShutDown {
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
        for place in places.all { close(place.idle.removeAll()) }
    }

    private func close(_ connections: [UpstreamConnection]) {
        for connection in connections { connection.close() }
    }
}
