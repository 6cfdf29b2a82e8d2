/// The configured limits for one client, and for all clients together. A limit is nil where its default applies.
public struct ClientSettings: Sendable, Hashable {
    /// The greatest time from a request's first byte to the end of its head, in seconds.
    public var headTimeout: Double?
    /// The greatest time without a byte of a request's body, in seconds.
    public var bodyTimeout: Double?
    /// The least average rate of a request's body, in bytes a second.
    public var bodyRate: Int?
    /// The greatest time in which the client accepts no byte of an answer, in seconds.
    public var stallTimeout: Double?
    /// The greatest time between requests, in seconds.
    public var idleTimeout: Double?
    /// The greatest time for requests in flight to finish once the gateway stops, in seconds.
    public var drainTimeout: Double?
    /// How long the gateway continues to serve, unready, before it stops, in seconds.
    public var drainDelay: Double?
    /// The greatest number of connections of all clients.
    public var maxConnections: Int?
    /// The greatest number of connections of one address.
    public var maxConnectionsPerAddress: Int?

    public init() {}
}
