import PluginKit

/// The values of the parameters, read once and checked against one another.
struct S3Settings: Sendable, Equatable {
    /// Whether the bucket is in the path or in the host's name of a request's address.
    enum AddressingStyle: String, Sendable {
        case auto, path, virtual
    }

    /// How the server's certificate is verified.
    enum Verification: Sendable, Equatable {
        /// It is verified against the authorities that the system trusts.
        case system
        /// It is verified against the authorities in a file of PEM certificates.
        case file(String)
        /// It is not verified.
        case none
    }

    var bucket: String
    var region: String
    /// Whether the configuration or the environment named the region.
    var isRegionGiven: Bool
    var layout: ObjectLayout
    /// The endpoint. It is nil for AWS.
    var endpoint: S3Endpoint?
    var usesTLS: Bool
    var verification: Verification
    var addressing = AddressingStyle.auto
    /// The timeout for connecting, in milliseconds.
    var connectTimeout = 60_000
    /// The longest time without a received byte, in milliseconds.
    var readTimeout = 60_000
    /// The greatest number of connections.
    var connections = 10
    /// How often one request is tried, including the first time.
    var attempts = 4
    /// The configured keys.
    var keys: AccessKeys?
    /// The other sources of keys, in order.
    var chain: [CredentialSource]
    /// The address of STS from the environment.
    var tokenService: String?

    /// Settings of `s3_config` that have no effect here, for warnings.
    var ignoredSettings: [String] = []
}
