import Dispatch
import Logging
import NIOCore
import NIOPosix
import OpenTelemetry
import Upstream

/// The traces of the process: what records them on each event loop, and the exporter that they share. It exists only where
/// an endpoint is configured, and lives as long as the process.
final class TraceExport: Sendable {
    private let sampler: TraceSampler
    private let queue: SpanQueue
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let exporter: NIOLoopBound<SpanExporter>

    /// How long the last spans may take to be sent when the gateway stops.
    static let lastExport = TimeAmount.seconds(3)

    /// Starts the exporter, on a thread of its own.
    ///
    /// - Parameter configuration: how connections are made, as those to models are.
    init(_ plan: TracingPlan, _ configuration: UpstreamConfiguration, log: Logger) throws {
        var configuration = configuration
        configuration.events = nil
        configuration.eventLoops = 1
        configuration.maxIdleConnections = 1
        sampler = plan.settings.sampler
        queue = SpanQueue(limit: plan.settings.queueLimit, batchSize: plan.settings.rules.batchSize)
        let eventLoop = group.next()
        exporter = try eventLoop.submit { [queue, configuration] in
            let exporter = SpanExporter(plan, configuration: configuration, queue: queue, on: eventLoop, log: log)
            exporter.start()
            return NIOLoopBound(exporter, eventLoop: eventLoop)
        }.wait()
        log.notice("traces are sent to \(plan.collector.deployments.first?.apiBase ?? "")")
    }

    /// [on the loop] Makes what records the traces of an event loop's requests.
    func recorder() -> TraceRecorder {
        TraceRecorder(sampler) { self.add($0) }
    }

    /// What libraries give their spans to.
    var tracer: LibraryTracer {
        LibraryTracer(sampler) { self.add([$0]) }
    }

    /// [any thread] Takes spans that have ended, unless there is no room for them.
    private func add(_ spans: [Span]) {
        guard queue.add(spans.map(\.encoded)) else { return }
        let exporter = exporter
        exporter.eventLoop.execute { exporter.value.batchIsFull() }
    }

    /// [control] Sends what waits, and returns when that is done or takes too long.
    func stop() {
        let hasEnded = DispatchSemaphore(value: 0)
        let exporter = exporter
        exporter.eventLoop.execute {
            exporter.value.stop(within: Self.lastExport) { hasEnded.signal() }
        }
        _ = hasEnded.wait(timeout: .now() + .nanoseconds(Int(clamping: (Self.lastExport * 2).nanoseconds)))
    }
}
