/// Decides what a plugin reports of failing servers, so that an outage is reported once and not every second.
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

    /// Starts with nothing reported.
    public init() {}

    /// Whether any server is failing.
    public var isUnderWay: Bool { !failing.isEmpty }

    /// The reason why one of the failing servers fails. It is nil where none is failing.
    public var reason: String? { failing.values.first?.reason }

    /// A server has failed.
    /// - Returns: what to report, which is nil unless it is the first failure, or the first of its kind.
    public mutating func failed(_ server: String, _ failure: BackendFailure) -> String? {
        hasReported = true
        var trouble = failing[server] ?? Trouble(reason: failure.reason, statuses: [])
        // It does not matter whether a server that is gone refuses connections or leaves them unanswered.
        let kind = failure.status == .timeout ? .unavailable : failure.status
        guard !trouble.statuses.contains(kind) else { return nil }
        trouble.statuses.append(kind)
        trouble.reason = failure.reason
        failing[server] = trouble
        return failure.reason
    }

    /// A server has answered.
    /// - Returns: whether to report this: every failing server is back, or it is the first connection.
    public mutating func recovered(_ server: String) -> Bool {
        let wasFailing = failing.removeValue(forKey: server) != nil
        guard failing.isEmpty, wasFailing || !hasReported else { return false }
        hasReported = true
        return true
    }

    /// Whether a server failed when it was last used.
    public func isFailing(_ server: String) -> Bool { failing[server] != nil }

    /// The backend refuses what it is asked to do, although it is available.
    /// - Returns: what to log. It is nil if the same kind of complaint was logged within the last ten minutes.
    public mutating func complained(_ kind: String, _ failure: BackendFailure, now: UInt64) -> String? {
        if let last = complaints[kind], now < last &+ Self.complaintInterval { return nil }
        complaints[kind] = now
        return failure.reason
    }
}
