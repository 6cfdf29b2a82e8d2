/// How long to wait before connecting again: at first hardly at all, then twice as long each time, and never quite the
/// same, so that many gateways do not come back at once.
struct BackOff: Equatable {
    private static let first: UInt64 = 50_000_000
    private static let longest: UInt64 = 5_000_000_000

    private var failures: UInt64 = 0

    /// - Parameter jitter: a random number in 0..<1.
    /// - Returns: nanoseconds, from half of the step to all of it.
    mutating func next(jitter: Double) -> UInt64 {
        let step = min(Self.longest, Self.first << min(failures, 10))
        failures += 1
        return step / 2 + UInt64(Double(step / 2) * min(max(jitter, 0), 1))
    }

    mutating func reset() { failures = 0 }
}
