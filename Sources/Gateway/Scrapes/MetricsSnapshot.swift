import MetricFamilies
import NIOCore

/// The figures of the gateway at one time, for whoever shows them: `/metrics`, the page and `gateway top`.
///
/// Counters are totals since the process began; what happened in a time is the difference of two snapshots.
struct MetricsSnapshot: Sendable {
    /// When the loops were asked.
    let time: NIODeadline
    /// The figures, by the families of `MetricTable`.
    let samples: MetricSamples

    /// [on the loop] Collects the figures of all event loops, without a loop that waits for another. Those that lie outside of the
    /// loops are gathered on a thread for long work.
    ///
    /// - Parameters:
    ///   - generation: the configuration in force.
    ///   - done: called once on the loop, with nil where too much work waits already.
    static func take(
        of generation: Generation,
        on eventLoop: any EventLoop,
        _ done: @escaping @Sendable (MetricsSnapshot?) -> Void
    ) {
        take(of: generation, on: eventLoop, then: { $0 }, done)
    }

    /// [on the loop] As `take(of:on:_:)`, and computes something from the figures on that thread too.
    static func take<Value: Sendable>(
        of generation: Generation,
        on eventLoop: any EventLoop,
        then compute: @escaping @Sendable (MetricsSnapshot) -> Value,
        _ done: @escaping @Sendable (Value?) -> Void
    ) {
        let time = NIODeadline.now()
        let resources = generation.resources
        resources.observation.metrics.collect(on: eventLoop) { readings in
            eventLoop.execute {
                let isTaken = resources.longWork.submit(
                    on: eventLoop,
                    { compute(MetricsSnapshot(time: time, samples: samples(readings, generation))) },
                    done: { done($0) }
                )
                if !isTaken { done(nil) }
            }
        }
    }

    private static func samples(_ readings: GatewayMetrics.Readings, _ generation: Generation) -> MetricSamples {
        let metrics = generation.resources.observation.metrics
        var shared = MetricSamples()
        GenerationFigures(generation: generation).add(to: &shared)
        var samples = metrics.continued(shared)
        readings.add(to: &samples)
        samples.add(metrics.registry.samples)
        ProcessFigures.read().add(to: &samples)
        return samples
    }
}
