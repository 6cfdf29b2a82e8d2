import Glibc

/// The clocks of an instance and its plugin, which tests replace by their own.
public struct PluginClock: Sendable {
    /// The clock of `NIODeadline`: CLOCK_MONOTONIC.
    public let monotonicNanoseconds: @Sendable () -> UInt64
    /// Milliseconds since 1970, UTC.
    public let unixMilliseconds: @Sendable () -> Int64

    /// Makes clocks. Both functions are called on any thread and must not block.
    public init(
        monotonicNanoseconds: @escaping @Sendable () -> UInt64,
        unixMilliseconds: @escaping @Sendable () -> Int64
    ) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.unixMilliseconds = unixMilliseconds
    }

    /// The clocks of the operating system.
    public static let system = PluginClock(
        monotonicNanoseconds: { nanoseconds(CLOCK_MONOTONIC) },
        unixMilliseconds: { Int64(clamping: nanoseconds(CLOCK_REALTIME) / 1_000_000) }
    )

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
