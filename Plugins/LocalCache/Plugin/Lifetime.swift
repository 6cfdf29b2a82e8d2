/// From times to live in milliseconds to ends on the monotonic clock in nanoseconds, and back.
enum Lifetime {
    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    /// - Parameter ttl: 0: for as long as there is room.
    static func end(_ ttl: UInt64, _ now: UInt64) -> UInt64 {
        guard ttl > 0 else { return .max }
        let (nanoseconds, overflow) = ttl.multipliedReportingOverflow(by: nanosecondsPerMillisecond)
        let (end, beyond) = now.addingReportingOverflow(nanoseconds)
        return overflow || beyond ? .max : end
    }

    /// What is left, rounded up, so that it is only 0 if the end is never.
    static func left(_ end: UInt64, _ now: UInt64) -> UInt64 {
        guard end != .max, end > now else { return end == .max ? 0 : 1 }
        return (end - now - 1) / nanosecondsPerMillisecond + 1
    }
}
