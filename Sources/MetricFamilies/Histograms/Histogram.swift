/// A histogram that one thread counts in. Recording allocates nothing, locks nothing and hashes nothing.
///
/// It is bound to the thread, or event loop, that records: its values are read there too, with `counts`.
public final class Histogram {
    /// The bounds of its buckets.
    public let bounds: HistogramBounds
    // Not arrays: a store to one checks for other owners and for conflicting access each time.
    private let ticks: UnsafeMutablePointer<UInt64>
    private let buckets: UnsafeMutablePointer<UInt64>
    private let boundCount: Int
    /// The sum of all recorded values, in ticks.
    private var sum: UInt64 = 0
    private var isEmpty = true

    /// Makes a histogram without values.
    public init(_ bounds: HistogramBounds) {
        self.bounds = bounds
        boundCount = bounds.ticks.count
        ticks = .allocate(capacity: max(1, boundCount))
        ticks.initialize(repeating: 0, count: max(1, boundCount))
        for (index, bound) in bounds.ticks.enumerated() { ticks[index] = bound }
        buckets = .allocate(capacity: boundCount + 1)
        buckets.initialize(repeating: 0, count: boundCount + 1)
    }

    deinit {
        ticks.deallocate()
        buckets.deallocate()
    }

    /// Counts a value in ticks. A negative one, which only a clock that went back could make, counts as 0.
    public func record(_ value: Int64) {
        let value = UInt64(clamping: value)
        var bucket = 0
        // Most values are in one of the first buckets, and there are twenty at most.
        while bucket < boundCount, value > ticks[bucket] { bucket += 1 }
        buckets[bucket] &+= 1
        sum &+= value
        isEmpty = false
    }

    /// A copy of what was counted so far. It is nil where nothing was.
    public var counts: HistogramCounts? {
        guard !isEmpty else { return nil }
        return HistogramCounts(
            bounds: bounds,
            buckets: (0...boundCount).map { buckets[$0] },
            sum: Double(sum) * bounds.tick
        )
    }
}
