import Configuration
import NIOCore
import Upstream

/// The limits of what one client may take of the server.
struct ServerLimits: Sendable {
    /// The greatest size of a request body in bytes.
    var bodyBytes = 32 * 1024 * 1024
    /// How many values and names of members the JSON of a request may have.
    var jsonValues = 1_000_000
    /// How many inputs an embedding request may have. OpenAI has the same limit.
    var embeddingInputs = 2_048
    /// The greatest time from a request's first byte, or from accepting the connection, to the end of the head.
    var headTimeout: TimeAmount = .seconds(10)
    /// The greatest time without a byte of a request body.
    var bodyTimeout: TimeAmount = .seconds(30)
    /// The least average rate of a request body in bytes a second, after its first `bodyTimeout`.
    var bodyRate = 1024
    /// The greatest time in which a client that has bytes of an answer to receive receives none.
    var stallTimeout: TimeAmount = .seconds(60)
    /// The greatest time between requests.
    var idleTimeout: TimeAmount = .seconds(75)
    /// The greatest time for a client that has received the last answer of a connection to close it.
    var lingerTimeout: TimeAmount = .seconds(2)
    /// The greatest time for requests in flight to finish once the gateway stops.
    var drainTimeout: TimeAmount = .seconds(25)
    /// How many bytes current requests and answers may take. It is nil where the machine's memory decides.
    var memoryBytes: Int?
    /// The limits of open connections.
    var connections = ConnectionCounts.Limits(total: 1_024, perAddress: 512, refusals: 16)
    /// How long the gateway continues to serve, unready, once it is told to stop.
    var drainDelay: TimeAmount = .zero

    /// The limits of the request reader.
    var reader: RequestReader.Limits { RequestReader.Limits(bodyBytes: bodyBytes) }
}

extension ServerLimits {
    /// The limits of the configuration, with defaults for those that it does not set.
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
        memoryBytes = settings.limits.memory
        connections = descriptors.connectionLimits(
            total: clients.maxConnections,
            perAddress: clients.maxConnectionsPerAddress
        )
    }

    private mutating func set(_ limit: WritableKeyPath<ServerLimits, TimeAmount>, _ seconds: Double?) {
        if let seconds { self[keyPath: limit] = TimeAmount(seconds: seconds) }
    }
}
