import Glibc
import Synchronization

/// The clocks that a plugin is given. They can be advanced, so that tests of lifetimes need not wait.
public final class HostClock: Sendable {
    private let isRunning: Bool
    /// The nanoseconds added to the operating system's clocks, or the time of a stopped clock.
    private let offset: Atomic<UInt64>

    /// Makes clocks that follow the operating system's.
    public init() {
        isRunning = true
        offset = Atomic(0)
    }

    /// Makes a clock that moves only by `advance`.
    /// - Parameter nanoseconds: the time that it shows.
    public init(stoppedAt nanoseconds: UInt64) {
        isRunning = false
        offset = Atomic(nanoseconds)
    }

    /// [any thread] Advances the clocks.
    public func advance(bySeconds seconds: Double) {
        offset.wrappingAdd(UInt64(seconds * 1e9), ordering: .relaxed)
    }

    /// [any thread] The monotonic clock in nanoseconds, which deadlines use.
    public var monotonicNanoseconds: UInt64 {
        offset.load(ordering: .relaxed) &+ (isRunning ? Self.system(CLOCK_MONOTONIC) : 0)
    }

    /// [any thread] Milliseconds since 1970.
    public var unixMilliseconds: Int64 {
        Int64((offset.load(ordering: .relaxed) &+ (isRunning ? Self.system(CLOCK_REALTIME) : 0)) / 1_000_000)
    }

    static func system(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
