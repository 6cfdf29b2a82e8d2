import Deadlines
import NIOCore

/// The unused connections of one event loop.
final class ConnectionPool: Expiring {
    /// Where the unused connections of one route are kept.
    final class Place {
        let route: UpstreamRoute
        fileprivate var idle: IdleStack<UpstreamConnection>

        fileprivate init(_ route: UpstreamRoute, limit: Int) {
            self.route = route
            idle = IdleStack(limit: limit)
        }
    }

    private let deadlines: Deadlines
    private let idleTimeout: TimeAmount
    private let limit: Int
    private let now: () -> NIODeadline
    /// As many as there are routes to the deployments.
    private var places: [UpstreamRoute: Place] = [:]
    private var isReaping = false
    private(set) var isShutDown = false

    init(deadlines: Deadlines, idleTimeout: TimeAmount, limit: Int, now: @escaping () -> NIODeadline) {
        self.now = now
        self.deadlines = deadlines
        self.idleTimeout = idleTimeout
        self.limit = limit
    }

    /// How many connections are unused.
    var count: Int { places.values.reduce(0) { $0 + $1.idle.count } }

    /// - Parameter count: unused connections that may be kept there, within the limit for all. Of several that share a route the
    ///   largest holds.
    func place(of route: UpstreamRoute, atLeast count: Int) -> Place {
        let wanted = min(limit, count)
        guard let place = places[route] else {
            let place = Place(route, limit: wanted)
            places[route] = place
            return place
        }
        place.idle.limit = max(place.idle.limit, wanted)
        return place
    }

    func take(from place: Place) -> UpstreamConnection? {
        place.idle.pop()
    }

    func keep(_ connection: UpstreamConnection, in place: Place) {
        guard !isShutDown else {
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
        for place in places.values {
            for connection in place.idle.removeIdle(since: limit) { connection.close() }
        }
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
        for place in places.values {
            for connection in place.idle.removeAll() { connection.close() }
        }
    }
}
