/// Decides what a plugin reports of servers that are in trouble, so that an outage is one line and not one a second.
public struct OutageReports {
    private struct Trouble {
        var reason: String
        /// The kinds of failure that were reported.
        var statuses: [Status]
    }

    private var failing: [String: Trouble] = [:]
    private var hasReported = false
    private var complaints: [String: UInt64] = [:]
    private static let complaintInterval: UInt64 = 600_000_000_000

    /// Nothing has been reported yet.
    public init() {}

    /// Whether any server is in trouble at present.
    public var isUnderWay: Bool { !failing.isEmpty }

    /// Why one of the servers in trouble is. It is nil where none is.
    public var reason: String? { failing.values.first?.reason }

    /// A server has failed.
    /// - Returns: what to report, if it is news: the first failure, and the first of each other kind.
    public mutating func failed(_ server: String, _ failure: BackendFailure) -> String? {
        hasReported = true
        var trouble = failing[server] ?? Trouble(reason: failure.reason, statuses: [])
        // Whether a server that is gone refuses connections or leaves them alone is no news.
        let kind = failure.status == .timeout ? .unavailable : failure.status
        guard !trouble.statuses.contains(kind) else { return nil }
        trouble.statuses.append(kind)
        trouble.reason = failure.reason
        failing[server] = trouble
        return failure.reason
    }

    /// A server works.
    /// - Returns: whether that is to be reported: every server that was in trouble is back, or it is the first connection.
    public mutating func recovered(_ server: String) -> Bool {
        let wasFailing = failing.removeValue(forKey: server) != nil
        guard failing.isEmpty, wasFailing || !hasReported else { return false }
        hasReported = true
        return true
    }

    /// Whether a server failed when it was last used.
    public func isFailing(_ server: String) -> Bool { failing[server] != nil }

    /// The backend refuses what it is asked, although it works.
    /// - Returns: what to log, unless the same kind of complaint was made within the last ten minutes.
    public mutating func complained(_ kind: String, _ failure: BackendFailure, now: UInt64) -> String? {
        if let last = complaints[kind], now < last &+ Self.complaintInterval { return nil }
        complaints[kind] = now
        return failure.reason
    }
}
