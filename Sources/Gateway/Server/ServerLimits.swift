import Configuration
import NIOCore
import Upstream

/// What one client may take of the server.
struct ServerLimits: Sendable {
    /// Bytes of a request body.
    var bodyBytes = 32 * 1024 * 1024
    /// Values and names of members that the JSON of a request may have.
    var jsonValues = 1_000_000
    /// Inputs that an embedding request may have: as many as OpenAI takes.
    var embeddingInputs = 2_048
    /// From a request's first byte, or from accepting the connection, to the end of the head.
    var headTimeout: TimeAmount = .seconds(10)
    /// Without a byte of a request body.
    var bodyTimeout: TimeAmount = .seconds(30)
    /// Bytes a second that a request body must come at on average, after its first `bodyTimeout`.
    var bodyRate = 1024
    /// For a client that has bytes of an answer to take, without taking one.
    var stallTimeout: TimeAmount = .seconds(60)
    /// Between requests.
    var idleTimeout: TimeAmount = .seconds(75)
    /// For a client that has taken the last answer of a connection to close it.
    var lingerTimeout: TimeAmount = .seconds(2)
    /// For requests in flight to finish once the gateway stops.
    var drainTimeout: TimeAmount = .seconds(30)
    /// Connections that are open at a time.
    var connections = ConnectionCounts.Limits(total: 1_024, perAddress: 512, refusals: 16)
    /// For which the gateway serves on, unready, once it is told to stop.
    var drainDelay: TimeAmount = .zero

    /// What the reader of requests lets pass.
    var reader: RequestReader.Limits { RequestReader.Limits(bodyBytes: bodyBytes) }
}

extension ServerLimits {
    /// The defaults, and what the configuration says instead.
    init(_ settings: Settings, _ descriptors: DescriptorLimit) {
        self.init()
        jsonValues = settings.limits.jsonValues ?? jsonValues
        embeddingInputs = settings.limits.embeddingInputs ?? embeddingInputs
        let clients = settings.clients
        set(\.headTimeout, clients.headTimeout)
        set(\.bodyTimeout, clients.bodyTimeout)
        set(\.stallTimeout, clients.stallTimeout)
        set(\.idleTimeout, clients.idleTimeout)
        set(\.drainTimeout, clients.drainTimeout)
        set(\.drainDelay, clients.drainDelay)
        bodyRate = clients.bodyRate ?? bodyRate
        connections = descriptors.connectionLimits(
            total: clients.maxConnections,
            perAddress: clients.maxConnectionsPerAddress
        )
    }

    private mutating func set(_ limit: WritableKeyPath<ServerLimits, TimeAmount>, _ seconds: Double?) {
        if let seconds { self[keyPath: limit] = TimeAmount(seconds: seconds) }
    }
}
