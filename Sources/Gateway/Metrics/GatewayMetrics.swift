import CoreMetrics
import MetricFamilies
import NIOCore
import Synchronization

/// What the gateway counts, for the life of the process: the counters of each event loop, and the instruments of
/// swift-metrics.
final class GatewayMetrics: Sendable {
    /// The readings of all loops.
    struct Readings: Sendable {
        let loops: [LoopReading]
        /// How many loops did not report in time, so that their last reading is here.
        let late: Int

        /// Adds everything to samples.
        func add(to samples: inout MetricSamples) {
            for loop in loops { loop.add(to: &samples) }
            samples.add(Double(loops.count), to: MetricFamily.Server.loops)
            samples.add(Double(late), to: MetricFamily.Server.lateLoops)
        }
    }

    /// How long a loop may take to report.
    private static let patience: TimeAmount = .seconds(1)

    private struct State {
        var loops: [NIOLoopBound<LoopMetrics>] = []
        var collection = ReadingCollection<LoopReading, @Sendable (Readings) -> Void>()
        var continuity = CounterContinuity()
    }

    /// The instruments for what happens seldom.
    let registry = MetricRegistry()
    private let state = Mutex(State())

    /// [on the loop] Makes what an event loop counts with.
    func addLoop(_ eventLoop: any EventLoop) -> LoopMetrics {
        let metrics = LoopMetrics()
        let bound = NIOLoopBound(metrics, eventLoop: eventLoop)
        state.withLock { state in
            state.loops.append(bound)
            _ = state.collection.addLoop()
        }
        return metrics
    }

    /// [any thread] Has every event loop report what it has counted. No loop waits for another; one that does not report
    /// within a second is represented by what it reported last.
    ///
    /// - Parameters:
    ///   - eventLoop: a loop for the deadline.
    ///   - done: called once, on any event loop.
    func collect(on eventLoop: any EventLoop, _ done: @escaping @Sendable (Readings) -> Void) {
        let (round, loops) = state.withLock { ($0.collection.ask(done), $0.loops) }
        guard let round else { return }
        let timeout = eventLoop.scheduleTask(in: Self.patience) { [self] in
            finish(state.withLock { $0.collection.timedOut(round) })
        }
        for (number, loop) in loops.enumerated() {
            loop.eventLoop.execute { [self] in
                let reading = loop.value.reading
                guard let outcome = state.withLock({ $0.collection.arrived(reading, from: number, of: round) }) else {
                    return
                }
                timeout.cancel()
                finish(outcome)
            }
        }
    }

    private func finish(_ outcome: ReadingCollection<LoopReading, @Sendable (Readings) -> Void>.Outcome?) {
        guard let outcome else { return }
        let readings = Readings(loops: outcome.readings, late: outcome.late)
        for waiter in outcome.waiters { waiter(readings) }
    }

    /// [any thread] Returns samples whose counters go on where their source has begun anew.
    func continued(_ samples: MetricSamples) -> MetricSamples {
        state.withLock { $0.continuity.adjusted(samples) }
    }

    /// [any thread] Counts an event that happens seldom, through swift-metrics.
    func count(_ family: MetricFamily, _ dimensions: (String, String)...) {
        Counter(label: family.name, dimensions: dimensions, factory: registry).increment()
    }
}
