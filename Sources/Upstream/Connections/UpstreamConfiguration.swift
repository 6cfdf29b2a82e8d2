public import NIOCore

/// How connections are made and kept. It is the same for all models.
public struct UpstreamConfiguration: Sendable {
    /// The TLS settings, which the clients of all event loops share so that the trusted certificates are read once.
    public var tls: UpstreamTLS
    /// The proxies that requests go through.
    public var proxies: ProxySettings

    /// How long it may take until a connection is ready, from name resolution to the end of the TLS handshake,
    /// including the tunnel through a proxy.
    public var connectTimeout: TimeAmount

    /// How long an unused connection is kept.
    public var idleConnectionTimeout: TimeAmount

    /// How many unused connections are kept, per event loop and server.
    public var maxIdleConnections: Int

    /// How many event loops there are. Each keeps its share of a deployment's connections.
    public var eventLoops: Int

    /// The largest response head, in bytes.
    public var maxResponseHeadBytes: Int

    /// The most fields that a response head may have.
    public var maxResponseFields: Int

    /// How long the pause before another attempt may be. If a server requests a longer pause, its answer is passed on
    /// and no other attempt is made.
    public var maxRetryDelay: TimeAmount

    /// The observer that is notified of calls that fail.
    public var events: (any UpstreamEvents)?

    /// Makes a configuration, with the default limits where none are given.
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
