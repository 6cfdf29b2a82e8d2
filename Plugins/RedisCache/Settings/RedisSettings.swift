import PluginKit

/// What the parameters say, read once and checked against one another.
struct RedisSettings: Sendable, Equatable {
    /// What there is to connect to.
    enum Deployment: Sendable, Equatable {
        case server(RedisEndpoint)
        /// The master of `service`, as the sentinels know it.
        case sentinels([RedisEndpoint], service: String, password: String?)
        /// A cluster that any of these nodes tells about.
        case cluster([RedisEndpoint])
    }

    var deployment: Deployment
    var username: String?
    var password: String?
    var database: Int
    /// nil means plain text.
    var tls: TLSSettings?
    var clientName: String?
    /// How long a server may leave a command unanswered before its connection is given up, in nanoseconds.
    var answerTimeout: UInt64
    /// How long connecting may take, TLS and log-in included, in nanoseconds.
    var connectTimeout: UInt64
    /// Whether TCP probes idle connections.
    var keepsAlive: Bool
    /// How many connections there are to one server, 1 or 2.
    var connectionsPerServer: Int
}

/// How to speak TLS. Files are read when the instance is made.
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
