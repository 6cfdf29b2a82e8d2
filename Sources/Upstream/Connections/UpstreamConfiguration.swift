public import NIOCore

/// How connections are made and kept. The same for every model.
public struct UpstreamConfiguration: Sendable {
    /// Shared by the clients of all event loops: the trusted certificates are read once.
    public var tls: UpstreamTLS
    /// Which proxy requests go through.
    public var proxies: ProxySettings

    /// From the first packet to the end of the TLS handshake, the proxy's part and name resolution included.
    public var connectTimeout: TimeAmount

    /// How long an unused connection is kept.
    public var idleConnectionTimeout: TimeAmount

    /// How many unused connections are kept, per event loop and server.
    public var maxIdleConnections: Int

    /// How many event loops there are: each keeps its share of a deployment's connections.
    public var eventLoops: Int

    /// The largest response head, in bytes.
    public var maxResponseHeadBytes: Int

    /// The most fields that a response head may have.
    public var maxResponseFields: Int

    /// The longest that is waited before a request is tried again; a server that asks for more gets its wish:
    /// its answer is passed on and nothing is tried.
    public var maxRetryDelay: TimeAmount

    /// Told when calls fail.
    public var events: (any UpstreamEvents)?

    /// How connections are made and kept, with the usual limits where none are given.
    public init(
        tls: UpstreamTLS = UpstreamTLS(),
        proxies: ProxySettings = .none,
        connectTimeout: TimeAmount = .seconds(5),
        idleConnectionTimeout: TimeAmount = .seconds(60),
        maxIdleConnections: Int = 1024,
        eventLoops: Int = 1,
        maxResponseHeadBytes: Int = 65_536,
        maxResponseFields: Int = 128,
        maxRetryDelay: TimeAmount = .seconds(5),
        events: (any UpstreamEvents)? = nil
    ) {
        self.tls = tls
        self.proxies = proxies
        self.connectTimeout = connectTimeout
        self.idleConnectionTimeout = idleConnectionTimeout
        self.maxIdleConnections = maxIdleConnections
        self.eventLoops = eventLoops
        self.maxResponseHeadBytes = maxResponseHeadBytes
        self.maxResponseFields = maxResponseFields
        self.maxRetryDelay = maxRetryDelay
        self.events = events
    }
}
