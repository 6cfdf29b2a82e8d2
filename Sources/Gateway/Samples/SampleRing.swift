/// What was counted in each interval of the last hour, the oldest first. It is a value without a clock.
struct SampleRing: Sendable {
    /// How long an interval is, in seconds.
    static let interval = 10
    /// How many intervals an hour has.
    static let capacity = 360

    /// One interval.
    struct Point: Sendable, Equatable {
        /// Its end, as Unix time in seconds.
        let time: Int64
        /// Its length in seconds, which is longer where the process was held up.
        let seconds: Double
        /// What was counted in it.
        let counted: SampleTotals
        /// What there was at its end.
        let gauges: SampleGauges
    }

    private(set) var points: [Point] = []
    private var last: (totals: SampleTotals, monotonic: UInt64)?

    /// Takes what has been counted so far. The first call begins the first interval.
    ///
    /// - Parameters:
    ///   - time: the Unix time in seconds, which may jump.
    ///   - monotonic: the monotonic clock in nanoseconds.
    mutating func add(_ totals: SampleTotals, _ gauges: SampleGauges, time: Int64, monotonic: UInt64) {
        defer { last = (totals, monotonic) }
        guard let last, monotonic > last.monotonic else { return }
        if points.count == Self.capacity { points.removeFirst() }
        points.append(
            Point(
                time: time,
                seconds: Double(monotonic - last.monotonic) / 1_000_000_000,
                counted: totals.since(last.totals),
                gauges: gauges
            )
        )
    }

    /// What was counted in all intervals together, and in the one that is not over yet.
    ///
    /// - Parameter totals: what has been counted so far.
    func sum(with totals: SampleTotals) -> SampleTotals {
        var sum = last.map { totals.since($0.totals) } ?? totals
        for point in points { sum.add(point.counted) }
        return sum
    }

    /// How long all intervals are together, in seconds, without the one that is not over yet.
    var seconds: Double { points.reduce(0) { $0 + $1.seconds } }
}
