/// How long to wait before a retry: at first 50 ms, then twice as long each time up to 5 s, with random variation, so
/// that many gateways do not come back at once. It has no clock.
public struct BackOff: Equatable, Sendable {
    private static let first: UInt64 = 50_000_000
    private static let longest: UInt64 = 5_000_000_000

    private var failures: UInt64 = 0

    /// Starts with the shortest pause.
    public init() {}

    /// Returns the pause after one more failure.
    /// - Parameter jitter: a random number in 0..<1.
    /// - Returns: nanoseconds, from half of the step to the whole step.
    public mutating func next(jitter: Double) -> UInt64 {
        let step = min(Self.longest, Self.first << min(failures, 10))
        failures += 1
        return step / 2 + UInt64(Double(step / 2) * min(max(jitter, 0), 1))
    }

    /// Starts again with the shortest pause, after a success.
    public mutating func reset() { failures = 0 }
}
