import Configuration
import NIOCore
import NIOHTTP1

/// What one client may take of the server.
struct ServerLimits: Sendable {
    /// Bytes of a request body.
    var bodyBytes = 32 * 1024 * 1024
    /// Values and names of members that the JSON of a request may have.
    var jsonValues = 1_000_000
    /// Inputs that an embedding request may have: as many as OpenAI takes.
    var embeddingInputs = 2_048
    /// From accepting a connection to its first request.
    var headTimeout: TimeAmount = .seconds(10)
    /// Without a byte of a request body.
    var bodyIdleTimeout: TimeAmount = .seconds(30)
    /// Between requests.
    var idleTimeout: TimeAmount = .seconds(75)
    /// For a client to take the last answer of a connection and close it.
    var lingerTimeout: TimeAmount = .seconds(2)
    /// For requests in flight to finish once the gateway stops.
    var drainTimeout: TimeAmount = .seconds(30)

    /// The decoder's: 16 KiB a field, 32 KiB and 100 fields a head.
    var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 32 * 1024
        limits.maxHeaderFieldCount = 100
        return limits
    }
}

extension ServerLimits {
    /// As the configuration says.
    init(_ settings: LimitSettings) {
        self.init()
        if let values = settings.jsonValues { jsonValues = values }
        if let inputs = settings.embeddingInputs { embeddingInputs = inputs }
    }
}
