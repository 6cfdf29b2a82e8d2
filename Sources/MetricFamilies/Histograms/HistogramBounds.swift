/// The upper bounds of a histogram's buckets. A value equal to a bound is in that bound's bucket, as Prometheus has it. One
/// more bucket takes what is above the last bound.
public struct HistogramBounds: Sendable, Hashable {
    /// The bounds in ticks, in ascending order.
    let ticks: [UInt64]
    /// How many of the unit that is exposed a tick is: 1e-9 where ticks are nanoseconds and seconds are exposed.
    public let tick: Double
    /// The bounds as they are exposed.
    public let values: [Double]

    /// - Parameters:
    ///   - ticks: the bounds in ticks. They are sorted, and each is taken once.
    ///   - tick: how many of the exposed unit a tick is.
    public init(ticks: [UInt64], tick: Double) {
        self.ticks = Set(ticks).sorted()
        self.tick = tick
        // Divided rather than multiplied, so that 250 000 ns are 0.00025 s and nothing near it.
        let perUnit = (1 / tick).rounded()
        values = self.ticks.map { perUnit > 1 ? Double($0) / perUnit : Double($0) * tick }
    }

    /// How many buckets there are, with the one above the last bound.
    public var bucketCount: Int { ticks.count + 1 }

    /// Bounds in microseconds, exposed as seconds and recorded in nanoseconds.
    private static func microseconds(_ bounds: [UInt64]) -> HistogramBounds {
        HistogramBounds(ticks: bounds.map { $0 * 1000 }, tick: 1e-9)
    }

    /// Requests and calls to models: 100 µs to 5 minutes.
    public static let requestTimes = microseconds([
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        5_000_000, 10_000_000, 30_000_000, 60_000_000, 120_000_000, 300_000_000,
    ])

    /// Look-ups and operations of cache backends: 5 µs to 10 s.
    public static let backendTimes = microseconds([
        5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 10_000_000,
    ])

    /// Times between two pieces of a stream: 100 µs to 10 s.
    public static let pieceTimes = microseconds([
        100, 1_000, 2_500, 5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 75_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 10_000_000,
    ])

    /// Ages of cached answers: a second to a month. A tick is a second.
    public static let ages = HistogramBounds(
        ticks: [1, 10, 60, 300, 600, 1_800, 3_600, 14_400, 43_200, 86_400, 604_800, 2_592_000],
        tick: 1
    )
}
