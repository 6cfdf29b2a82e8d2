import MetricFamilies
import NIOCore
import PluginHost
import ResponseCache
import Upstream

/// What a configuration has made of the gateway, as figures: its backend, its flights and its deployments.
struct GenerationFigures {
    let generation: Generation

    /// [any thread] Adds everything to samples. It waits for nothing but the plugin's figures, which are in memory.
    func add(to samples: inout MetricSamples) {
        let pending = generation.pendingStores
        samples.add(Double(pending.entryCount), to: MetricFamily.Cache.pending)
        samples.add(Double(pending.byteCount), to: MetricFamily.Cache.pendingBytes)
        samples.add(Double(generation.flights.count), to: MetricFamily.Cache.flights)
        samples.add(Double(generation.flights.readers), to: MetricFamily.Cache.flightRequests)
        let marks = generation.purges.current
        samples.add(Double(marks.labelCount + marks.keyCount), to: MetricFamily.Cache.purgeMarks)
        let calls = generation.models.calls
        samples.add(Double(calls.underWay), to: MetricFamily.Upstream.calls, "underway")
        samples.add(Double(calls.waiting), to: MetricFamily.Upstream.calls, "waiting")
        addDeployments(to: &samples)
        addServer(to: &samples)
        if let backend = generation.backend { Self.add(backend, to: &samples) }
    }

    private func addDeployments(to samples: inout MetricSamples) {
        let now = NIODeadline.now()
        // A deployment that has no trouble is not worth a series in each of thousands of models.
        for group in generation.models.groups where group.deployments.contains(where: { $0.isResting(now: now) }) {
            for deployment in group.deployments {
                samples.add(
                    deployment.isResting(now: now) ? 1 : 0,
                    to: MetricFamily.Upstream.resting,
                    group.configuredName,
                    deployment.id
                )
            }
        }
    }

    private func addServer(to samples: inout MetricSamples) {
        let resources = generation.resources
        samples.add(1, to: MetricFamily.Server.build, Version.description)
        samples.add(Double(resources.connections.open), to: MetricFamily.Server.connections)
        samples.add(Double(resources.connections.limits.total), to: MetricFamily.Server.connectionLimit)
        samples.add(Double(resources.memory.limit), to: MetricFamily.Server.budget)
        samples.add(Double(resources.memory.held), to: MetricFamily.Server.held)
        let record = resources.reloads.record
        samples.add(Double(record.generation), to: MetricFamily.Server.generation)
        samples.add(Double(record.since), to: MetricFamily.Server.since)
        let isRefused = if case .refused = record.last?.outcome { true } else { false }
        samples.add(isRefused ? 0 : 1, to: MetricFamily.Server.lastReload)
    }

    private static func add(_ backend: Backend, to samples: inout MetricSamples) {
        let type = backend.plugin.type.name
        let state = backend.state
        let health = backend.health
        samples.add(1, to: MetricFamily.Backend.info, type, backend.plugin.version)
        for name in ["up", "degraded", "down"] {
            samples.add(name == state.name ? 1 : 0, to: MetricFamily.Backend.state, type, name)
        }
        for (breaker, outage, openings) in [
            ("lookups", health.lookups, health.lookupOpenings), ("writes", health.writes, health.writeOpenings),
        ] {
            samples.add(outage == nil ? 0 : 1, to: MetricFamily.Backend.breakerOpen, type, breaker)
            samples.add(Double(openings), to: MetricFamily.Backend.breakerOpenings, type, breaker)
        }
        samples.add(Double(health.misbehaviourCount), to: MetricFamily.Backend.misbehaviour, type)
        if let time = backend.roundTrip.last {
            samples.add(Double(time.nanoseconds) / 1e9, to: MetricFamily.Backend.roundTrip, type)
        }
        for figure in backend.statistics { add(figure, of: type, to: &samples) }
    }

    /// Adds a figure under the plugin's name, and a well-known one under its own too.
    private static func add(_ figure: PluginStatistic, of type: String, to samples: inout MetricSamples) {
        let value = Double(figure.value)
        switch figure.kind {
        case .counter: samples.add(value, to: MetricFamily.Backend.statisticTotal, type, figure.name)
        case .gauge: samples.add(value, to: MetricFamily.Backend.statistic, type, figure.name)
        }
        for (name, family) in [
            ("items", MetricFamily.Backend.entries), ("bytes", MetricFamily.Backend.bytes),
            ("evictions", MetricFamily.Backend.evictions),
        ] where figure.name.utf8.elementsEqual(name.utf8) {
            samples.add(value, to: family, type)
        }
    }
}
