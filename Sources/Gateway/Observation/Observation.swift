import NIOCore

/// What observes the requests of the process, whatever the configuration is. It lives as long as the process.
final class Observation: Sendable {
    /// What is counted.
    let metrics = GatewayMetrics()
    /// What was counted in the last hour.
    let samples = SampleStore()
    /// What the lines of the access log are written with. It is nil where there is none.
    private let accessLog: (format: LogFormat, writer: LogWriter)?
    /// What exports traces. It is nil where they are not exported.
    let tracing: TraceExport?

    init(accessLog: (format: LogFormat, writer: LogWriter)? = nil, tracing: TraceExport? = nil) {
        self.accessLog = accessLog
        self.tracing = tracing
    }

    /// Whether it matters what answers have cost, whatever the configuration says about metrics.
    var countsTokens: Bool { accessLog != nil || tracing != nil }

    /// Makes what is told of the requests of one event loop. It is called once for each loop, on that loop.
    func observers(on eventLoop: any EventLoop) -> [any TransactionObserver] {
        var observers: [any TransactionObserver] = []
        if let (format, writer) = accessLog { observers.append(AccessLog(format, writer, on: eventLoop)) }
        if let tracing { observers.append(tracing.recorder()) }
        return observers
    }
}
