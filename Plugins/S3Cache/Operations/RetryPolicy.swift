/// Whether and when a request that failed is tried again. A value without a clock.
struct RetryPolicy: Equatable {
    private static let first: UInt64 = 50_000_000
    private static let longest: UInt64 = 5_000_000_000

    let attempts: Int
    /// When the host loses interest, in nanoseconds; nil: never.
    let deadline: UInt64?
    private var made = 1

    init(attempts: Int, deadline: UInt64?) {
        self.attempts = attempts
        self.deadline = deadline
    }

    /// - Parameters:
    ///   - jitter: a random number in 0..<1.
    ///   - retryAfter: what the server asks for, in nanoseconds.
    /// - Returns: when to try again; nil: not any more, or not in time.
    mutating func next(now: UInt64, jitter: Double, retryAfter: UInt64? = nil) -> UInt64? {
        guard made < attempts else { return nil }
        let step = min(Self.longest, Self.first << UInt64(min(made - 1, 10)))
        let pause = max(step / 2 + UInt64(Double(step / 2) * min(max(jitter, 0), 1)), retryAfter ?? 0)
        let due = now &+ pause
        if let deadline, due >= deadline { return nil }
        made += 1
        return due
    }
}
