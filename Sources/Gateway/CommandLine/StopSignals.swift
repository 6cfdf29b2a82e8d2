import Glibc
import NIOCore

/// SIGTERM and SIGINT, taken by the main thread in order instead of by a handler.
struct StopSignals {
    private var set = sigset_t()

    /// Blocks them in this thread and all that it starts from now on. SIGPIPE is ignored: a closed connection is an
    /// error of the write to it.
    static func blocked() -> StopSignals {
        signal(SIGPIPE, SIG_IGN)
        var signals = StopSignals()
        sigemptyset(&signals.set)
        sigaddset(&signals.set, SIGTERM)
        sigaddset(&signals.set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals.set, nil)
        return signals
    }

    /// Waits for one and says which.
    func wait() -> String {
        var set = self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }

    /// Gives them their default effect again.
    func restore() {
        var set = self.set
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}

/// The processors that this process may run on.
enum Processors {
    /// How many; at least 1. Honours taskset and cpusets.
    static func usable() -> Int {
        max(1, min(System.coreCount, allowed() ?? .max))
    }

    /// How many bits the line Cpus_allowed of this process's status has.
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
