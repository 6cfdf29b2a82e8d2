import PluginKit

/// The values that all parts of one instance of the plugin share.
final class RedisInstance: Sendable {
    let host: Host
    let settings: RedisSettings
    /// The TLS context. It is nil where servers are connected to without TLS.
    let tls: TLSContext?
    let loop: IOLoop
    let statistics = RedisStatistics()
    /// The longest value that is read, in bytes.
    let largestValue: Int

    /// Reads the files that the settings name. It starts nothing.
    init(host: Host, settings: RedisSettings) throws(PluginFailure) {
        self.host = host
        self.settings = settings
        largestValue = min(host.largestValue, Reply.longestString)
        loop = try IOLoop(host: host, leases: statistics.leases)
        tls = try settings.tls.map { tls throws(PluginFailure) in try TLSContext(tls) }
    }
}
