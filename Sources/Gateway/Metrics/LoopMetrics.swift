import MetricFamilies

/// What one event loop counts, for the life of the process. It is bound to that loop.
final class LoopMetrics {
    let requests = RequestMetrics()
    let upstream = UpstreamMetrics()
    private var backends: [BackendMetrics] = []
    /// Returns what the loop has at present. It is nil before the loop serves.
    var gauges: (() -> LoopGauges)?

    /// What counts the operations of a type of backend.
    ///
    /// - Parameter type: the type, which is the name of a plugin.
    func backend(_ type: String) -> BackendMetrics {
        if let present = backends.first(where: { $0.backend == type }) { return present }
        let metrics = BackendMetrics(type)
        backends.append(metrics)
        return metrics
    }

    /// Another configuration is in force.
    func forgetConfiguration() {
        requests.forgetConfiguration()
        upstream.forgetConfiguration()
    }

    /// A copy of everything. It takes time in proportion to the number of series and connections.
    var reading: LoopReading {
        LoopReading(
            requests: requests.reading,
            upstream: upstream.reading,
            backends: backends.map(\.reading),
            gauges: gauges?() ?? LoopGauges()
        )
    }
}

/// What an event loop has at present.
struct LoopGauges: Sendable {
    var requests = 0
    var streams = 0
    var idleConnections = 0
    /// The type of the backend, and how many of its operations are not completed or released.
    var operations: (backend: String, count: Int)?
}

/// What one event loop has counted and has at present, copied on that loop.
struct LoopReading: Sendable {
    let requests: RequestReading
    let upstream: UpstreamReading
    let backends: [BackendReading]
    let gauges: LoopGauges

    /// [any thread] Adds everything to the samples of other loops.
    func add(to samples: inout MetricSamples) {
        requests.add(to: &samples)
        upstream.add(to: &samples)
        for backend in backends { backend.add(to: &samples) }
        samples.add(Double(gauges.requests), to: MetricFamily.Server.inFlight)
        samples.add(Double(gauges.streams), to: MetricFamily.Server.streams)
        samples.add(Double(gauges.idleConnections), to: MetricFamily.Upstream.idleConnections)
        if let (backend, count) = gauges.operations {
            samples.add(Double(count), to: MetricFamily.Backend.inFlight, backend)
        }
    }
}
