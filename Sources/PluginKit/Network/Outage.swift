/// What has been said of servers in trouble, so that an outage is one line and not one a second.
public struct Outage {
    private var failing: [String: BackendFailure] = [:]
    private var hasSpoken = false
    private var complaints: [String: UInt64] = [:]
    private static let complaintInterval: UInt64 = 600_000_000_000

    public init() {}

    /// - Returns: what to report, if it is news: the first failure, and one of another kind.
    public mutating func failed(_ server: String, _ failure: BackendFailure) -> String? {
        let earlier = failing.updateValue(failure, forKey: server)
        hasSpoken = true
        return earlier?.status == failure.status ? nil : failure.reason
    }

    /// - Returns: whether that is news: every server that was in trouble is back, or it is the first connection.
    public mutating func recovered(_ server: String) -> Bool {
        let wasFailing = failing.removeValue(forKey: server) != nil
        guard failing.isEmpty, wasFailing || !hasSpoken else { return false }
        hasSpoken = true
        return true
    }

    /// Whether a server was in trouble when it was last heard of.
    public func isFailing(_ server: String) -> Bool { failing[server] != nil }

    /// - Returns: what to log, unless the same kind of complaint was made within the last ten minutes.
    public mutating func complained(_ kind: String, _ failure: BackendFailure, now: UInt64) -> String? {
        if let last = complaints[kind], now < last &+ Self.complaintInterval { return nil }
        complaints[kind] = now
        return failure.reason
    }
}
