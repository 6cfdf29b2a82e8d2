/// What one client, and all of them together, may take of the gateway, as far as the configuration says it. Nil: the default.
public struct ClientSettings: Sendable, Hashable {
    /// From a request's first byte to the end of its head, in seconds.
    public var headTimeout: Double?
    /// Without a byte of a request's body, in seconds.
    public var bodyTimeout: Double?
    /// Bytes a second that a request's body must come at on average.
    public var bodyRate: Int?
    /// Without a byte of an answer taken, in seconds.
    public var stallTimeout: Double?
    /// Between requests, in seconds.
    public var idleTimeout: Double?
    /// For requests in flight to finish once the gateway stops, in seconds.
    public var drainTimeout: Double?
    /// For which the gateway serves on, unready, before it stops, in seconds.
    public var drainDelay: Double?
    /// Connections of all clients.
    public var maxConnections: Int?
    /// Connections of one address.
    public var maxConnectionsPerAddress: Int?

    public init() {}
}
