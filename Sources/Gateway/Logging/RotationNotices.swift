/// When it is told that a deployment has left the rotation and that it is back, so that the log tells the truth in few
/// lines although both may happen many times a second.
///
/// A value without a clock: the caller says what time it is, in nanoseconds of any monotonic clock.
struct RotationNotices {
    static let allowance = 3
    static let interval: UInt64 = 60_000_000_000

    private var limiter = LogLimiter(allowance: allowance, interval: interval)
    private var isOut = false
    private var isToldOut = false

    /// It has left the rotation. Returns whether to tell.
    mutating func left(now: UInt64) -> Bool {
        isOut = true
        return tellsOut(now: now)
    }

    /// A call to it failed. Returns whether to tell now that it has left the rotation.
    mutating func failed(now: UInt64) -> Bool {
        isOut && tellsOut(now: now)
    }

    /// It is back. Returns whether to tell: whenever it was told that it had left.
    mutating func returned() -> Bool {
        isOut = false
        defer { isToldOut = false }
        return isToldOut
    }

    private mutating func tellsOut(now: UInt64) -> Bool {
        guard !isToldOut, case .write = limiter.admit(now: now) else { return false }
        isToldOut = true
        return true
    }
}
