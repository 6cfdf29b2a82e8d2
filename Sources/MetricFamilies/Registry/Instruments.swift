import CoreMetrics
import Synchronization

/// What swift-metrics' instruments are here. Each is shared by all threads, behind a lock of its own, so that they are for
/// what happens seldom. Requests are counted without a lock: see `Histogram`.
protocol Instrument: AnyObject, Sendable {
    /// The present value. It is nil where nothing was recorded.
    var value: MetricSamples.Value? { get }
}

/// A counter, of whole numbers and of others.
final class SharedCounter: Instrument, CounterHandler, FloatingPointCounterHandler {
    private let total = Mutex(0.0)

    var value: MetricSamples.Value? { .number(total.withLock { $0 }) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        // A counter only grows.
        guard amount > 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    /// Does nothing: a counter that went back would be taken for a restart of the process.
    func reset() {}
}

/// A gauge, and a recorder that does not aggregate.
final class SharedGauge: Instrument, MeterHandler, RecorderHandler {
    private let current = Mutex<Double?>(nil)

    var value: MetricSamples.Value? { current.withLock { $0 }.map { .number($0) } }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { current.withLock { $0 = value } }

    func increment(by amount: Double) { current.withLock { $0 = ($0 ?? 0) + amount } }

    func decrement(by amount: Double) { increment(by: -amount) }

    func record(_ value: Int64) { set(Double(value)) }

    func record(_ value: Double) { set(value) }
}

/// A timer, and a recorder that aggregates: a histogram.
final class SharedHistogram: Instrument, TimerHandler, RecorderHandler {
    private struct State {
        let bounds: [Double]
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: HistogramBounds
    private let state: Mutex<State>

    init(_ bounds: HistogramBounds) {
        self.bounds = bounds
        state = Mutex(State(bounds: bounds.values, counts: Array(repeating: 0, count: bounds.bucketCount)))
    }

    var value: MetricSamples.Value? {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        return .histogram(HistogramCounts(bounds: bounds, buckets: counts, sum: sum))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        state.withLock { state in
            state.counts[state.bounds.firstIndex { value <= $0 } ?? state.bounds.count] &+= 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
