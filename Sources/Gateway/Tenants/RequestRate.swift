/// How many requests were admitted lately, for a limit a minute (GCRA). It has no clock: the caller gives the time, in
/// nanoseconds of any monotonic clock.
///
/// As many requests as the limit may come at once. Each of them is free again a minute divided by the limit after the
/// one before it.
struct RequestRate: Sendable, Equatable {
    /// When nothing of the limit is in use any more.
    private var unusedFrom: UInt64 = 0

    private static let minute: UInt64 = 60_000_000_000

    /// Counts a request, if it is within the limit.
    ///
    /// - Returns: how long to wait for the next free place, in nanoseconds. It is 0 where the request is admitted.
    mutating func admit(limit: Int, at now: UInt64) -> UInt64 {
        let interval = Self.interval(limit)
        let next = max(unusedFrom, now) + interval
        let capacity = interval * UInt64(limit)
        guard next - now <= capacity else { return next - now - capacity }
        unusedFrom = next
        return 0
    }

    /// How many requests would be admitted at once.
    func remaining(limit: Int, at now: UInt64) -> Int {
        let interval = Self.interval(limit)
        let free = (interval * UInt64(limit)).subtractingReportingOverflow(inUse(at: now))
        return free.overflow ? 0 : Int(free.partialValue / interval)
    }

    /// How long it takes until the whole limit is free, in nanoseconds.
    func inUse(at now: UInt64) -> UInt64 { max(unusedFrom, now) - now }

    /// Limits are from 1 to a few millions.
    private static func interval(_ limit: Int) -> UInt64 { minute / UInt64(max(1, limit)) }
}
