import PluginKit

/// What the parameters say, read once and checked against one another.
struct S3Settings: Sendable, Equatable {
    /// Whether the bucket stands in the path or in the host's name of a request's address.
    enum AddressingStyle: String, Sendable {
        case auto, path, virtual
    }

    /// What the server's certificate is checked against.
    enum Verification: Sendable, Equatable {
        /// The authorities that the system trusts.
        case system
        /// The authorities in a file of PEM certificates.
        case file(String)
        /// Nothing: it is not checked.
        case none
    }

    var bucket: String
    var region: String
    /// Whether the configuration or the environment named the region.
    var isRegionGiven: Bool
    var layout: ObjectLayout
    /// nil means AWS.
    var endpoint: S3Endpoint?
    var usesTLS: Bool
    var verification: Verification
    var addressing = AddressingStyle.auto
    /// In milliseconds.
    var connectTimeout = 60_000
    /// How long nothing may arrive, in milliseconds.
    var readTimeout = 60_000
    /// The most connections at a time.
    var connections = 10
    /// How often one request is tried, the first time included.
    var attempts = 4
    /// Keys that the configuration gives.
    var keys: AccessKeys?
    /// Where keys come from otherwise, in order.
    var chain: [CredentialSource]
    /// The environment's address of STS.
    var tokenService: String?

    /// Settings of `s3_config` that have no effect here, for warnings.
    var ignoredSettings: [String] = []
}
