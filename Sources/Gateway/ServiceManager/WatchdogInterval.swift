import Glibc

/// How often the service manager expects to be told that the gateway responds, as sd_watchdog_enabled(3) defines it.
struct WatchdogInterval: Equatable, Sendable {
    /// The time after which the service manager takes the process for hung, in microseconds: a year at most.
    let microseconds: UInt64

    /// The time between two messages in nanoseconds: half of what is allowed, as sd_watchdog_enabled(3) recommends.
    var pauseNanoseconds: Int { Int(microseconds) * 500 }

    /// Reads the service manager's variables. The result is nil where it expects nothing of this process.
    ///
    /// - Parameters:
    ///   - microseconds: the value of `WATCHDOG_USEC`.
    ///   - process: the value of `WATCHDOG_PID`.
    ///   - ownProcess: the number of this process. Variables that name another one were meant for a parent.
    init?(microseconds: String?, process: String?, ownProcess: pid_t = getpid()) {
        if let process, pid_t(process) != ownProcess { return nil }
        // A year is as good as never.
        guard let microseconds = microseconds.flatMap(UInt64.init), (1...31_536_000_000_000).contains(microseconds)
        else {
            return nil
        }
        self.microseconds = microseconds
    }
}
