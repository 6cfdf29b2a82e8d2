public import Deadlines
public import NIOCore
import Text

/// Sends requests to model groups, from one event loop: its connections are kept here and used on this
/// loop only, so that nothing is locked.
public final class UpstreamClient {
    /// The loop on which everything here is called.
    public let eventLoop: any EventLoop
    let deadlines: Deadlines
    let configuration: UpstreamConfiguration
    let pool: ConnectionPool
    let connector: Connector
    let now: () -> NIODeadline
    var random = Randomness()
    let allocator = ByteBufferAllocator()
    /// Where each deployment's connections are kept: its route is settled once.
    private var places: [ObjectIdentifier: (prepared: PreparedRequest, place: ConnectionPool.Place)] = [:]
    /// For the head of the request that is being written.
    var head = WireText(capacity: 2_048)

    /// A client of one loop, with the clock that `deadlines` uses.
    public convenience init(eventLoop: any EventLoop, deadlines: Deadlines, configuration: UpstreamConfiguration) {
        self.init(eventLoop: eventLoop, deadlines: deadlines, configuration: configuration, now: { .now() })
    }

    /// - Parameter now: the clock, which must be the one of `deadlines`; tests give their own.
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

    /// [on the loop] Sends a request to one of the group's deployments, and to others if that fails.
    ///
    /// The receiver is called after this returns, on the same loop, and is held until the call ends.
    public func send(
        _ request: UpstreamRequest,
        to group: ModelGroup,
        receiver: any UpstreamReceiver
    ) -> UpstreamCall {
        eventLoop.assertInEventLoop()
        let call = UpstreamCall(client: self, request: request, group: group, receiver: receiver)
        call.start()
        return call
    }

    /// - Parameter calls: how many calls there are at a time.
    func place(of prepared: PreparedRequest, calls: Int) -> ConnectionPool.Place {
        if let known = places[ObjectIdentifier(prepared)] { return known.place }
        // Each loop keeps its share of the connections that there may be.
        let share = max(1, calls / max(1, configuration.eventLoops))
        let place = pool.place(of: UpstreamRoute(prepared.url, proxies: configuration.proxies), atLeast: share)
        places[ObjectIdentifier(prepared)] = (prepared, place)
        return place
    }

    /// [on the loop] How many connections are kept unused.
    public var idleConnections: Int { pool.count }

    /// [on the loop] Closes the unused connections and refuses new requests. Calls under way go on.
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
