/// How many of some durations were within which bounds.
struct LatencyDistribution: Sendable, Equatable {
    /// The upper bounds of the intervals in seconds, in ascending order. One more interval has no bound.
    let bounds: [Double]
    /// How many durations were in each interval, of which there is one more than there are bounds.
    private(set) var counts: [UInt64]

    /// - Parameter counts: missing ones are 0, and those beyond the last interval are left out.
    init(bounds: [Double], counts: [UInt64] = []) {
        self.bounds = bounds
        self.counts = (0...bounds.count).map { counts.indices.contains($0) ? counts[$0] : 0 }
    }

    /// How many durations there were.
    var total: UInt64 { counts.reduce(0, &+) }

    /// What was added since an earlier state. It is all of it where that has other bounds.
    func since(_ earlier: LatencyDistribution?) -> LatencyDistribution {
        guard let earlier, earlier.bounds == bounds else { return self }
        return LatencyDistribution(bounds: bounds, counts: zip(counts, earlier.counts).map { $0 >= $1 ? $0 - $1 : 0 })
    }

    /// Adds those of another one, unless it has other bounds.
    mutating func add(_ other: LatencyDistribution) {
        guard other.bounds == bounds else { return }
        counts = zip(counts, other.counts).map { $0 &+ $1 }
    }

    /// An estimate of the duration in seconds that a share of them does not exceed: the place within the interval is
    /// interpolated, as PromQL's `histogram_quantile` does. Beyond the last bound it is that bound. It is nil where there
    /// are no durations.
    ///
    /// - Parameter share: from 0 to 1.
    func quantile(_ share: Double) -> Double? {
        let total = total
        guard total > 0, let last = bounds.last else { return nil }
        let rank = min(max(share, 0), 1) * Double(total)
        var below = 0.0
        var lower = 0.0
        for (bound, count) in zip(bounds, counts) {
            if count > 0, below + Double(count) >= rank {
                return lower + (bound - lower) * max(0, rank - below) / Double(count)
            }
            below += Double(count)
            lower = bound
        }
        return last
    }
}
