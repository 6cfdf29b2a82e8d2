import Configuration
import MetricFamilies
import NIOCore

/// `GET /metrics`: everything that the gateway counts, in the text format of Prometheus. It is collected and written away
/// from the event loop, which goes on meanwhile.
final class MetricsExchange: Exchange {
    private let worker: Worker
    private let connection: Connection
    private var isClientGone = false

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    func begin() {
        guard worker.generation.metrics.isOn else { return connection.answer(.metricsAreOff) }
        connection.attach(self)
        let eventLoop = connection.loop.eventLoop
        let waiting = NIOLoopBound(self, eventLoop: eventLoop)
        MetricsSnapshot.take(
            of: worker.generation,
            on: eventLoop,
            then: { ByteBuffer(bytes: Exposition.text(of: $0.samples)) },
            { waiting.value.end($0) }
        )
    }

    private func end(_ text: ByteBuffer?) {
        guard !isClientGone else { return }
        guard let text else { return connection.answer(.metricsWait) }
        guard text.readableBytes <= Connection.uncountedAnswer || worker.memory.hasRoom(for: text.readableBytes) else {
            return connection.answer(.outOfMemory)
        }
        let head = ResponseHead(200, .type(Exposition.contentType), framing: .length(text.readableBytes))
        connection.answer(head, text)
    }

    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 404: the configuration turns metrics off.
    fileprivate static var metricsAreOff: APIError {
        APIError(
            status: 404,
            message: "Metrics are off: set 'metrics: true' in general_settings, or remove that line.",
            type: "invalid_request_error",
            parameter: nil,
            code: "metrics_off"
        )
    }

    /// 503: too much work waits.
    fileprivate static var metricsWait: APIError {
        APIError(
            status: 503,
            message: "The gateway has too much to do to collect its metrics; try again.",
            type: "api_error",
            parameter: nil,
            code: "metrics_busy"
        )
    }
}
