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

// MARK: Figures that are asked for often

extension MetricsSnapshot {
    /// Requests to models that have ended.
    var requests: Double { samples.sum(of: MetricFamily.Requests.total) }

    /// Requests to models by what the cache did: `hit`, `stale`, `miss`, `coalesced`, `bypass`. Those in which the cache had
    /// no part are under `none`.
    var requestsByCache: [String: Double] { samples.sums(of: MetricFamily.Requests.total, by: "cache") }

    /// Requests that were answered from the cache.
    var hits: Double { (requestsByCache["hit"] ?? 0) + (requestsByCache["stale"] ?? 0) }

    /// Requests that were not answered from the cache although it had a part in them, by reason.
    var missesByReason: [String: Double] { samples.sums(of: MetricFamily.Cache.misses, by: "reason") }

    /// Requests by the model that they name, in the configuration's spelling. Those that name none are under an empty name.
    var requestsByModel: [String: Double] { samples.sums(of: MetricFamily.Requests.total, by: "model") }

    /// Hits by model.
    var hitsByModel: [String: Double] {
        let fresh = samples.sums(of: MetricFamily.Requests.total, by: "model", where: ["cache": "hit"])
        let stale = samples.sums(of: MetricFamily.Requests.total, by: "model", where: ["cache": "stale"])
        return fresh.merging(stale, uniquingKeysWith: +)
    }

    /// The times of requests to an end.
    ///
    /// - Parameter cache: what the cache did, or nil for all.
    func durations(cache: CacheOutcome? = nil) -> HistogramCounts? {
        samples.histogram(of: MetricFamily.Requests.duration, where: cache.map { ["cache": $0.label] } ?? [:])
    }

    /// The times of calls to models.
    var upstreamDurations: HistogramCounts? { samples.histogram(of: MetricFamily.Upstream.duration) }

    /// The times to the first piece of streams.
    var firstTokenDurations: HistogramCounts? { samples.histogram(of: MetricFamily.Requests.firstToken) }

    /// Tokens and dollars that were not spent.
    var saved: (tokens: Double, dollars: Double) {
        (samples.sum(of: MetricFamily.Usage.savedTokens), samples.sum(of: MetricFamily.Usage.savedDollars))
    }

    /// Tokens and dollars that were spent.
    var spent: (tokens: Double, dollars: Double) {
        (samples.sum(of: MetricFamily.Usage.spentTokens), samples.sum(of: MetricFamily.Usage.spentDollars))
    }

    /// Calls that further requests may join, and the requests that wait for them.
    var flights: (calls: Double, requests: Double) {
        (samples.sum(of: MetricFamily.Cache.flights), samples.sum(of: MetricFamily.Cache.flightRequests))
    }

    /// Open connections of clients.
    var connections: Double { samples.sum(of: MetricFamily.Server.connections) }
}
