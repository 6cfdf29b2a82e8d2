import PluginKit

/// Whether and when a request that failed is tried again. A value without a clock.
struct RetryPolicy: Equatable {
    /// How often the request is made, the first time included.
    let attempts: Int
    /// When the host loses interest, in nanoseconds; nil means never.
    let deadline: UInt64?
    private var made = 1
    private var backOff = BackOff()

    init(attempts: Int, deadline: UInt64?) {
        self.attempts = attempts
        self.deadline = deadline
    }

    /// - Parameters:
    ///   - jitter: a random number in 0..<1.
    ///   - retryAfter: what the server asks for, in nanoseconds.
    /// - Returns: when to try again; nil where it must not be tried any more, or not in time.
    mutating func next(now: UInt64, jitter: Double, retryAfter: UInt64? = nil) -> UInt64? {
        guard made < attempts else { return nil }
        let due = now &+ max(backOff.next(jitter: jitter), retryAfter ?? 0)
        if let deadline, due >= deadline { return nil }
        made += 1
        return due
    }
}
