import PluginKit

/// What everything that belongs to one instance of the plugin shares.
final class RedisInstance: Sendable {
    let host: Host
    let settings: RedisSettings
    /// nil means that the servers are spoken to in plain text.
    let tls: TLSContext?
    let loop: IOLoop
    let statistics = RedisStatistics()
    /// The longest value that is read, in bytes.
    let largestValue: Int

    /// Reads the files that the settings name. Starts nothing.
    init(host: Host, settings: RedisSettings) throws(PluginFailure) {
        self.host = host
        self.settings = settings
        largestValue = min(host.largestValue, Reply.longestString)
        loop = try IOLoop(host: host, leases: statistics.leases)
        tls = try settings.tls.map { tls throws(PluginFailure) in try TLSContext(tls) }
    }
}
