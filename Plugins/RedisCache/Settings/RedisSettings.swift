import PluginKit

/// The values of the parameters, read once and checked against one another.
struct RedisSettings: Sendable, Equatable {
    /// What to connect to.
    enum Deployment: Sendable, Equatable {
        case server(RedisEndpoint)
        /// The master of `service`, as the sentinels name it.
        case sentinels([RedisEndpoint], service: String, password: String?)
        /// A cluster whose layout any of these nodes can give.
        case cluster([RedisEndpoint])
    }

    var deployment: Deployment
    var username: String?
    var password: String?
    var database: Int
    /// The TLS settings. It is nil where servers are connected to without TLS.
    var tls: TLSSettings?
    var clientName: String?
    /// How long a server may leave a command unanswered before its connection is closed, in nanoseconds.
    var answerTimeout: UInt64
    /// How long connecting may take, including TLS and log-in, in nanoseconds.
    var connectTimeout: UInt64
    /// Whether TCP probes idle connections.
    var keepsAlive: Bool
    /// The number of connections to one server, 1 or 2.
    var connectionsPerServer: Int
}

/// The settings of TLS. Files are read when the instance is made.
struct TLSSettings: Sendable, Equatable {
    enum Verification: String, Sendable {
        case required, optional, none
    }

    var authorityFile: String?
    var authorityFolder: String?
    var authorityPEM: String?
    var certificateFile: String?
    var keyFile: String?
    var keyPassword: String?
    var verification = Verification.required
    var checksHostName = true
    var minimumVersion: String?
    var ciphers: String?
}
