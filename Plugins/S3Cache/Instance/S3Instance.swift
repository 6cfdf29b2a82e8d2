import PluginKit

/// The values that all parts of one instance of the plugin share.
final class S3Instance: Sendable {
    let host: Host
    let settings: S3Settings
    let loop: TransferLoop
    let statistics = S3Statistics()
    /// The largest entry that is read, in bytes.
    let largestValue: Int

    /// Makes the instance, and starts nothing.
    init(host: Host, settings: S3Settings) throws(PluginFailure) {
        self.host = host
        self.settings = settings
        largestValue = host.largestValue
        loop = try TransferLoop(
            host: host,
            tls: CurlTLS(verification: settings.verification),
            connections: settings.connections,
            leases: statistics.leases
        )
    }
}
