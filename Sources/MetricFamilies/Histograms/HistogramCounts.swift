/// What a histogram has counted: values that can be added up, compared and asked for percentiles.
public struct HistogramCounts: Sendable, Hashable {
    /// The bounds of the buckets.
    public let bounds: HistogramBounds
    /// How many values each bucket has by itself, the one above the last bound at the end.
    public private(set) var buckets: [UInt64]
    /// The sum of all values, in the exposed unit.
    public private(set) var sum: Double

    /// - Parameters:
    ///   - buckets: as many as `bounds` has buckets. Others are left out, and missing ones are 0.
    ///   - sum: the sum of all values, in the exposed unit.
    public init(bounds: HistogramBounds, buckets: [UInt64] = [], sum: Double = 0) {
        self.bounds = bounds
        self.buckets = Array(buckets.prefix(bounds.bucketCount))
        self.buckets += Array(repeating: 0, count: bounds.bucketCount - self.buckets.count)
        self.sum = sum
    }

    /// How many values there are.
    public var count: UInt64 { buckets.reduce(0, &+) }

    /// The mean of all values. It is nil where there are none.
    public var mean: Double? { count == 0 ? nil : sum / Double(count) }

    /// Adds what another histogram with the same bounds has counted. One with other bounds changes nothing.
    public mutating func add(_ other: HistogramCounts) {
        guard other.bounds == bounds else { return }
        for (index, count) in other.buckets.enumerated() where buckets.indices.contains(index) {
            buckets[index] &+= count
        }
        sum += other.sum
    }

    /// Returns what was counted since `earlier`, an earlier state of this histogram.
    public func since(_ earlier: HistogramCounts) -> HistogramCounts {
        guard earlier.bounds == bounds else { return self }
        let buckets = zip(buckets, earlier.buckets).map { $0 >= $1 ? $0 - $1 : $0 }
        return HistogramCounts(bounds: bounds, buckets: buckets, sum: max(0, sum - earlier.sum))
    }

    /// Estimates a percentile as PromQL's `histogram_quantile` does: values are taken to be spread evenly within their
    /// bucket. What is above the last bound is taken to be at it.
    ///
    /// - Parameter quantile: from 0 to 1; 0.99 is the 99th percentile.
    /// - Returns: the value, or nil where there are no values.
    public func percentile(_ quantile: Double) -> Double? {
        let total = count
        guard total > 0, let last = bounds.values.last else { return nil }
        let rank = min(max(quantile, 0), 1) * Double(total)
        var below = 0.0
        for (index, bound) in bounds.values.enumerated() {
            let here = Double(buckets[index])
            if here > 0, below + here >= rank {
                let lower = index == 0 ? 0 : bounds.values[index - 1]
                return lower + (bound - lower) * min(max((rank - below) / here, 0), 1)
            }
            below += here
        }
        return last
    }
}
