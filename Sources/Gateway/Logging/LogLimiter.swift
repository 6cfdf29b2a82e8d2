/// Limits how many lines of one kind are written in an interval, which begins with the first of them.
///
/// It has no clock: the caller gives the time, in nanoseconds of any monotonic clock.
struct LogLimiter {
    enum Verdict: Equatable {
        /// Write the line, and report first that so many lines were left out.
        case write(leftOut: Int)
        case leaveOut
    }

    private let allowance: Int
    private let interval: UInt64
    private var end: UInt64?
    private var written = 0
    private var leftOut = 0

    init(allowance: Int, interval: UInt64) {
        self.allowance = allowance
        self.interval = interval
    }

    mutating func admit(now: UInt64) -> Verdict {
        if end.map({ now >= $0 }) ?? true {
            defer {
                end = now &+ interval
                written = 1
                leftOut = 0
            }
            return .write(leftOut: leftOut)
        }
        guard written < allowance else {
            leftOut += 1
            return .leaveOut
        }
        written += 1
        return .write(leftOut: 0)
    }

    /// How many lines were left out, if the interval is over. They are returned only once.
    mutating func tell(now: UInt64) -> Int {
        guard let end, now >= end else { return 0 }
        return tell()
    }

    /// How many lines were left out. They are returned only once.
    mutating func tell() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }

    /// Whether it remembers nothing that matters.
    func isIdle(now: UInt64) -> Bool {
        leftOut == 0 && (end.map { now >= $0 } ?? true)
    }
}
