/// Converts times to live in milliseconds to ends on the monotonic clock in nanoseconds.
enum Lifetime {
    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    /// - Parameter ttl: the time to live, where 0 means for as long as there is room.
    static func end(_ ttl: UInt64, _ now: UInt64) -> UInt64 {
        guard ttl > 0 else { return .max }
        let (nanoseconds, overflow) = ttl.multipliedReportingOverflow(by: nanosecondsPerMillisecond)
        let (end, beyond) = now.addingReportingOverflow(nanoseconds)
        return overflow || beyond ? .max : end
    }
}
