import PluginKit

/// Everything that an instance goes by: the parameters, read once and held against one another.
struct RedisSettings: Sendable, Equatable {
    /// What there is to connect to.
    enum Deployment: Sendable, Equatable {
        case server(Endpoint)
        /// The master of `service`, as the sentinels know it.
        case sentinels([Endpoint], service: String, password: String?)
        /// A cluster that any of these nodes tells about.
        case cluster([Endpoint])
    }

    var deployment: Deployment
    var username: String?
    var password: String?
    var database: Int
    /// nil: plain text.
    var tls: TLSSettings?
    var clientName: String?
    /// How long a server may leave a command unanswered before its connection is given up, in nanoseconds.
    var answerTimeout: UInt64
    /// How long connecting may take, TLS and log-in included, in nanoseconds.
    var connectTimeout: UInt64
    var keepsAlive: Bool
    /// Connections to one server.
    var connections: Int
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
