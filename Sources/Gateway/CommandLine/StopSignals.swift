import Glibc
import NIOCore

/// The signals that the gateway handles, taken by the main thread in order instead of by a handler. SIGTERM and SIGINT
/// stop it. Other signals that would end the process by default are only logged.
struct StopSignals {
    private static let stops: [(number: Int32, name: String)] = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")]
    private static let others: [(number: Int32, name: String)] = [
        (SIGHUP, "SIGHUP"), (SIGQUIT, "SIGQUIT"), (SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2"), (SIGALRM, "SIGALRM"),
    ]

    /// A signal that does not stop the gateway.
    enum Request {
        /// The signal is SIGHUP.
        case reload
        /// The signal has no meaning here. It is given by name.
        case unknown(String)
    }

    /// Blocks the signals in this thread and all that it starts from now on. SIGPIPE is ignored, so that a closed
    /// connection is an error of the write to it.
    static func blocked() -> StopSignals {
        signal(SIGPIPE, SIG_IGN)
        var set = set(of: stops + others)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        return StopSignals()
    }

    /// Whether a signal that stops the gateway has arrived and waits to be taken.
    static func isStopPending() -> Bool {
        var pending = sigset_t()
        guard sigpending(&pending) == 0 else { return false }
        return stops.contains { sigismember(&pending, $0.number) == 1 }
    }

    /// Waits for a signal that stops the gateway and returns its name.
    ///
    /// - Parameter other: called on this thread with each signal that does not.
    func wait(_ other: (Request) -> Void) -> String {
        var set = Self.set(of: Self.stops + Self.others)
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            if let stop = Self.stops.first(where: { $0.number == number }) { return stop.name }
            if number == SIGHUP {
                other(.reload)
            } else if let signal = Self.others.first(where: { $0.number == number }) {
                other(.unknown(signal.name))
            }
        }
    }

    /// Restores the default effect of those that stop the gateway. The others stay blocked.
    func restore() {
        var set = Self.set(of: Self.stops)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static func set(of signals: [(number: Int32, name: String)]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.number) }
        return set
    }
}

/// The processors that this process may run on.
enum Processors {
    /// The number of processors, at least 1. It honours taskset and cpusets.
    static func usable() -> Int {
        max(1, min(System.coreCount, allowed() ?? .max))
    }

    /// The number of bits in the line Cpus_allowed of this process's status. It is nil where that cannot be read.
    private static func allowed() -> Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4_096)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix("Cpus_allowed:") else { continue }
            return text.dropFirst(13).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        }
        return nil
    }
}
