import Configuration
import PluginHost
import Upstream

/// How an event loop begins and ceases to count, as the configuration in force says.
extension ServerLoop {
    /// [on the loop] Takes over what a configuration says about metrics. It is called when the loop begins to serve, and for
    /// each configuration that replaces another.
    func meter(_ worker: Worker) {
        let metrics = worker.loop.metrics
        let isOn = worker.generation.metrics.isOn
        metrics.forgetConfiguration()
        observers.removeAll { $0 is RequestMetrics }
        if isOn { observers.append(metrics.requests) }
        worker.upstream.observer = isOn ? metrics.upstream : nil
        if let storage = worker.storage {
            storage.port.observer = isOn ? metrics.backend(storage.type) : nil
        }
        metrics.gauges = { [weak self, weak worker] in
            guard let self, let worker else { return LoopGauges() }
            return self.gauges(worker)
        }
    }

    private func gauges(_ worker: Worker) -> LoopGauges {
        let underWay = underWay
        return LoopGauges(
            requests: underWay.requests,
            streams: underWay.streams,
            idleConnections: worker.upstream.idleConnections,
            operations: worker.storage.map { ($0.type, $0.port.blocksInUse) }
        )
    }
}
