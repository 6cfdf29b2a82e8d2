import Glibc

/// Reads what a program writes until it has ended or its time is over.
struct Supervision {
    private let pid: pid_t
    private let pipes: [ReadingPipe]
    private let deadline: Double
    private var isAtEnd: [Bool]
    private(set) var streams: [[UInt8]]

    /// - Parameter deadline: when the program is killed, on the clock of `now`.
    init(pid: pid_t, pipes: [ReadingPipe], deadline: Double) {
        self.pid = pid
        self.pipes = pipes
        self.deadline = deadline
        isAtEnd = pipes.map { _ in false }
        streams = pipes.map { _ in [] }
    }

    /// The monotonic clock in seconds.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Waits for the program's end, and kills whatever it left behind.
    mutating func wait() -> Subprocess.End {
        var status: Int32 = 0
        var end: Subprocess.End?
        while end == nil {
            // Something that the program started may hold the pipes open, so their end is not waited for alone.
            let hasEnded = waitpid(pid, &status, WNOHANG) == pid
            if hasEnded {
                end = Self.end(status)
            } else if Self.now >= deadline {
                kill(-pid, SIGKILL)
                kill(pid, SIGKILL)
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                end = .timedOut
            } else {
                read(forMilliseconds: isAtEnd.allSatisfy(\.self) ? 1 : 20)
            }
        }
        kill(-pid, SIGKILL)
        read(forMilliseconds: 0)
        return end ?? .timedOut
    }

    private static func end(_ status: Int32) -> Subprocess.End {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// Reads all that there is. Waits for it if there is nothing.
    private mutating func read(forMilliseconds patience: Int32) {
        var states = pipes.enumerated().map { index, pipe in
            pollfd(fd: isAtEnd[index] ? -1 : pipe.readingEnd, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&states, nfds_t(states.count), patience) > 0 else { return }
        for (index, state) in states.enumerated() where state.revents != 0 { drain(index) }
    }

    private mutating func drain(_ index: Int) {
        var room = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(pipes[index].readingEnd, &room, room.count)
            if count < 0, errno == EINTR { continue }
            if count == 0 { isAtEnd[index] = true }
            guard count > 0 else { return }
            let left = Subprocess.mostOutput - streams[index].count
            streams[index] += room[..<min(count, max(0, left))]
            if Self.now >= deadline { return }
        }
    }
}
