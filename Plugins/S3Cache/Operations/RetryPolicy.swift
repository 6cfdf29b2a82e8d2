import PluginKit

/// Decides whether and when a failed request is tried again. It has no clock.
struct RetryPolicy: Equatable {
    /// How often the request is made, including the first time.
    let attempts: Int
    /// When the host stops waiting, in nanoseconds. It is nil where there is no deadline.
    let deadline: UInt64?
    private var made = 1
    private var backOff = BackOff()

    init(attempts: Int, deadline: UInt64?) {
        self.attempts = attempts
        self.deadline = deadline
    }

    /// - Parameters:
    ///   - jitter: a random number in 0..<1.
    ///   - retryAfter: the pause that the server requests, in nanoseconds.
    /// - Returns: when to try again. It is nil where it must not be tried any more, or cannot be tried in time.
    mutating func next(now: UInt64, jitter: Double, retryAfter: UInt64? = nil) -> UInt64? {
        guard made < attempts else { return nil }
        let due = now &+ max(backOff.next(jitter: jitter), retryAfter ?? 0)
        if let deadline, due >= deadline { return nil }
        made += 1
        return due
    }
}
