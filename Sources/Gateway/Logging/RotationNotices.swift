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
    /// How often it has left since that was logged last.
    private var leftOut = 0

    /// The deployment has left the rotation.
    ///
    /// - Returns: how often it has left without a line before, where there is to be a line now. It is nil where there is to be
    ///   none.
    mutating func left(now: UInt64) -> Int? {
        isOut = true
        leftOut += 1
        return tellsOut(now: now).map { $0 - 1 }
    }

    /// A call to the deployment failed, which is the occasion to log that it has left the rotation, where that could not be
    /// logged before.
    ///
    /// - Returns: as for `left`.
    mutating func failed(now: UInt64) -> Int? {
        isOut ? tellsOut(now: now).map { $0 - 1 } : nil
    }

    /// The deployment is back. Returns whether to log that, which is so whenever it was logged that it had left.
    mutating func returned() -> Bool {
        isOut = false
        defer { isToldOut = false }
        return isToldOut
    }

    private mutating func tellsOut(now: UInt64) -> Int? {
        guard !isToldOut, case .write = limiter.admit(now: now) else { return nil }
        isToldOut = true
        defer { leftOut = 0 }
        return leftOut
    }
}
