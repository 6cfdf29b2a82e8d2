/// Decides when to log that a deployment has left the rotation and that it is back, so that the log is accurate in few
/// lines although both may happen many times a second.
///
/// It has no clock: the caller gives the time, in nanoseconds of any monotonic clock.
struct RotationNotices {
    static let allowance = 3
    static let interval: UInt64 = 60_000_000_000

    private var limiter = LogLimiter(allowance: allowance, interval: interval)
    private var isOut = false
    private var isToldOut = false

    /// The deployment has left the rotation. Returns whether to log that.
    mutating func left(now: UInt64) -> Bool {
        isOut = true
        return tellsOut(now: now)
    }

    /// A call to the deployment failed. Returns whether to log now that it has left the rotation.
    mutating func failed(now: UInt64) -> Bool {
        isOut && tellsOut(now: now)
    }

    /// The deployment is back. Returns whether to log that, which is so whenever it was logged that it had left.
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
