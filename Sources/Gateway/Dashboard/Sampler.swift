import Configuration
import NIOCore

/// Takes samples of what the process counts and holds.
enum Sampler {
    /// [on the loop] Adds a sample to the process's, unless metrics are off. It is called once in `SampleRing.interval`
    /// seconds.
    static func sample(_ generation: Generation, on eventLoop: any EventLoop) {
        count(generation, on: eventLoop, then: { totals in if let totals { add(totals, generation) } }, { _ in })
    }

    private static func add(_ totals: SampleTotals, _ generation: Generation) {
        let resources = generation.resources
        let gauges = SampleGauges(
            connections: resources.connections.open,
            calls: generation.flights.count,
            waiting: generation.flights.readers,
            residentBytes: ProcessFigures.resident,
            backendState: generation.backend?.state.name
        )
        resources.observation.samples.add(totals, gauges)
    }

    /// [on the loop] Collects what has been counted so far.
    ///
    /// - Parameters:
    ///   - compute: makes something of that, on any thread. It is given nil where metrics are off.
    ///   - done: called once on the loop, with nil where too much work waits.
    static func count<Value: Sendable>(
        _ generation: Generation,
        on eventLoop: any EventLoop,
        then compute: @escaping @Sendable (SampleTotals?) -> Value,
        _ done: @escaping @Sendable (Value?) -> Void
    ) {
        guard generation.metrics.isOn else { return done(compute(nil)) }
        MetricsSnapshot.take(of: generation, on: eventLoop, then: { compute(SampleTotals($0.samples)) }, done)
    }
}
