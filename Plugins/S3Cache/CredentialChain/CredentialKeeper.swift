import PluginKit

/// [I/O thread] Keeps credentials, which are fetched once and renewed in the background before they expire, so that no
/// request waits for that.
final class CredentialKeeper {
    private static let retryPause: UInt64 = 10_000_000_000
    /// The bounds of the pause between renewals, in seconds.
    private static let shortestPause: Int64 = 1
    private static let longestPause: Int64 = 31_536_000

    private let instance: S3Instance
    /// The time in seconds since 1970, corrected by the server's clock.
    private let unix: () -> Int64
    private var current: Credentials?
    private var waiting: [(CredentialFetch.Outcome) -> Void] = []
    private var fetch: CredentialFetch?
    private var failure: (BackendFailure, until: UInt64)?
    private var renewal: UInt64 = 0

    init(_ instance: S3Instance, unix: @escaping () -> Int64) {
        self.instance = instance
        self.unix = unix
        if let keys = instance.settings.keys {
            current = Credentials(keys: keys, expires: nil, origin: "the configuration")
        }
    }

    /// Provides credentials.
    /// - Parameter body: called with credentials that are valid now, at once or later.
    func use(_ body: @escaping (CredentialFetch.Outcome) -> Void) {
        if let current, !RenewalPlan.isOver(current, unix: unix()) { return body(.success(current)) }
        if let failure, instance.loop.now < failure.until { return body(.failure(failure.0)) }
        waiting.append(body)
        renew()
    }

    /// Removes the keys in use from a text of the server. The host knows only the configured keys, and not those that
    /// the chain has found.
    func withoutKeys(_ text: String) -> String {
        guard let keys = current?.keys else { return text }
        var bytes = Array(text.utf8)
        for secret in [keys.sessionToken ?? "", keys.secretKey, keys.accessKey].map({ Array($0.utf8) })
        where secret.count >= 8 {
            while let range = bytes.firstRange(of: secret) { bytes.replaceSubrange(range, with: "***".utf8) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Discards credentials that the server refuses although they should be valid.
    /// - Returns: whether there may be other credentials.
    func discard() -> Bool {
        guard instance.settings.keys == nil else { return false }
        current = nil
        return true
    }

    private func renew() {
        guard fetch == nil, instance.settings.keys == nil else { return }
        let fetch = CredentialFetch(instance, instance.settings.chain) { [weak self] outcome in self?.fetched(outcome) }
        self.fetch = fetch
        fetch.start()
    }

    private func fetched(_ outcome: CredentialFetch.Outcome) {
        fetch = nil
        switch outcome {
        case .success(let credentials):
            if current == nil { instance.host.log(.info, "using AWS \(credentials)") }
            current = credentials
            failure = nil
            let now = unix()
            if let due = RenewalPlan.due(credentials, obtained: now) {
                renew(after: UInt64(min(max(due &- now, Self.shortestPause), Self.longestPause)) &* 1_000_000_000)
            }
        case .failure(let reason):
            failure = (reason, instance.loop.now &+ Self.retryPause)
            if current != nil {
                instance.host.log(.warning, "AWS credentials could not be renewed: \(reason.reason)")
                renew(after: Self.retryPause)
            }
        }
        let waiting = waiting
        self.waiting = []
        for body in waiting { body(outcome) }
    }

    private func renew(after pause: UInt64) {
        let due = instance.loop.now &+ pause
        renewal = due
        // An alarm for an earlier time than the current renewal does nothing.
        instance.loop.alarms.set(at: due) { [weak self] in if let self, renewal == due { renew() } }
    }
}
