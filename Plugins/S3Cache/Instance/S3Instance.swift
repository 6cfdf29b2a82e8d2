import PluginKit

/// What everything that belongs to one instance of the plugin shares.
final class S3Instance: Sendable {
    let host: Host
    let settings: S3Settings
    let loop: TransferLoop
    let statistics = S3Statistics()
    /// The largest entry that is read, in bytes.
    let largestValue: Int

    /// Starts nothing.
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
