import Glibc

/// The clocks of the machine, each read without a system call.
enum MachineClock {
    /// A time as two numbers.
    struct Time {
        let seconds: Int
        let nanoseconds: Int
    }

    /// The time since 1970 at the system's last tick, a few milliseconds ago at most. It is the cheapest.
    static func coarse() -> Time { read(CLOCK_REALTIME_COARSE) }

    /// The time since 1970.
    static func precise() -> Time { read(CLOCK_REALTIME) }

    /// The monotonic clock in nanoseconds. It is the same for all processes of the machine.
    static func monotonic() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(clamping: time.seconds) &* 1_000_000_000 &+ UInt64(clamping: time.nanoseconds)
    }

    private static func read(_ clock: clockid_t) -> Time {
        var time = timespec()
        clock_gettime(clock, &time)
        return Time(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }
}
