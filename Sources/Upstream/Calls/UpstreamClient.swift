public import Deadlines
import JSON
public import NIOCore
import Text

/// Sends requests to model groups from one event loop. Its connections are used on this loop only, so that nothing is
/// locked.
public final class UpstreamClient {
    /// The loop on which everything here is called.
    public let eventLoop: any EventLoop
    let deadlines: Deadlines
    private(set) var configuration: UpstreamConfiguration
    let pool: ConnectionPool
    private(set) var connector: Connector
    let now: () -> NIODeadline
    var random = Randomness()
    let allocator = ByteBufferAllocator()
    /// The places for connections to each deployment, which are kept so that a route is looked up once.
    private var places: [ObjectIdentifier: (prepared: PreparedRequest, place: ConnectionPool.Place)] = [:]
    /// The deployment that was called last, and its place, which is looked up most often.
    private var lastPlace: (prepared: PreparedRequest, place: ConnectionPool.Place)?
    /// Whether a configuration was adopted, so that `places` has every deployment that is served.
    private var hasAdopted = false
    /// Is told of every call to a deployment. It is nil where nobody wants to know.
    public var observer: (any AttemptObserver)?
    /// Scratch space for bodies that members are added to.
    lazy var document = JSONDocument()
    /// The buffer for the head of the request that is being written.
    var head = WireText(capacity: 2_048)

    /// Makes a client of one loop, with the clock that `deadlines` uses.
    public convenience init(eventLoop: any EventLoop, deadlines: Deadlines, configuration: UpstreamConfiguration) {
        self.init(eventLoop: eventLoop, deadlines: deadlines, configuration: configuration, now: { .now() })
    }

    /// - Parameter now: the clock, which must be the one of `deadlines`. Tests replace it.
    init(
        eventLoop: any EventLoop,
        deadlines: Deadlines,
        configuration: UpstreamConfiguration,
        now: @escaping () -> NIODeadline
    ) {
        self.eventLoop = eventLoop
        self.now = now
        self.deadlines = deadlines
        self.configuration = configuration
        self.pool = ConnectionPool(
            deadlines: deadlines,
            idleTimeout: configuration.idleConnectionTimeout,
            limit: configuration.maxIdleConnections,
            now: now
        )
        self.connector = Connector(eventLoop: eventLoop, configuration: configuration)
    }

    /// [on the loop] Sends a request to one of the group's deployments, and to others if that fails; and to other groups
    /// if these fail too.
    ///
    /// The receiver is called after this returns, on the same loop, and is held until the call ends.
    public func send(
        _ request: consuming UpstreamRequest,
        to group: ModelGroup,
        fallbacks: Fallbacks? = nil,
        receiver: any UpstreamReceiver
    ) -> UpstreamCall {
        eventLoop.assertInEventLoop()
        let now = now()
        let call = UpstreamCall(
            client: self,
            request: request,
            group: group,
            fallbacks: fallbacks,
            receiver: receiver,
            now: now
        )
        call.start(now: now)
        return call
    }

    /// [on the loop] Takes over a configuration and the groups that are served with it, in place of the present ones.
    ///
    /// Unused connections that no deployment of the new groups can use are closed at once, and those in use when their
    /// call ends. Connections that a deployment can use stay, unless the proxies, or the file with the trusted
    /// authorities, differ: then all are closed in the same way. Calls in progress go on, and so do calls to groups of
    /// earlier configurations, but no connection is kept for them.
    public func adopt(_ configuration: UpstreamConfiguration, serving groups: [ModelGroup]) {
        eventLoop.assertInEventLoop()
        let keepsConnections =
            configuration.proxies == self.configuration.proxies && configuration.tls.trusts(as: self.configuration.tls)
        self.configuration = configuration
        connector = Connector(eventLoop: eventLoop, configuration: configuration)
        var routes: [UpstreamRoute: Int] = [:]
        var served: [(prepared: PreparedRequest, route: UpstreamRoute)] = []
        for deployment in groups.lazy.flatMap(\.deployments) {
            guard case .network(let prepared) = deployment.transport else { continue }
            let route = UpstreamRoute(prepared.url, trust: prepared.trust, proxies: configuration.proxies)
            routes[route] = max(routes[route] ?? 0, share(of: deployment.maxParallelRequests))
            served.append((prepared, route))
        }
        pool.serve(
            routes,
            limit: configuration.maxIdleConnections,
            idleTimeout: configuration.idleConnectionTimeout,
            keepsConnections: keepsConnections
        )
        places = [:]
        lastPlace = nil
        for (prepared, route) in served {
            places[ObjectIdentifier(prepared)] = (prepared, pool.place(of: route, atLeast: 0))
        }
        hasAdopted = true
    }

    /// The place for connections to a deployment.
    ///
    /// - Parameter calls: how many calls the deployment takes at a time.
    func place(of prepared: PreparedRequest, calls: Int) -> ConnectionPool.Place {
        if let lastPlace, lastPlace.prepared === prepared { return lastPlace.place }
        if let known = places[ObjectIdentifier(prepared)] {
            lastPlace = known
            return known.place
        }
        let route = UpstreamRoute(prepared.url, trust: prepared.trust, proxies: configuration.proxies)
        let place = pool.place(of: route, atLeast: share(of: calls))
        if !hasAdopted { places[ObjectIdentifier(prepared)] = (prepared, place) }
        return place
    }

    /// How many of the connections for `calls` calls this loop keeps.
    private func share(of calls: Int) -> Int {
        max(1, calls / max(1, configuration.eventLoops))
    }

    /// [on the loop] How many connections are kept unused.
    public var idleConnections: Int { pool.count }

    /// [on the loop] Closes the unused connections and refuses new requests. Calls in progress go on.
    public func shutdown() {
        pool.shutdown()
    }
}

/// SplitMix64, for sharing load and spreading retries: one seed from the system, no system call per number.
struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    init() {
        self.init(seed: UInt64.random(in: .min ... .max))
    }

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
