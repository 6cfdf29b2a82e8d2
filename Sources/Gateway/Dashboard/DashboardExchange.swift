import NIOCore

/// `GET /ui/data`: answers with the figures, which are collected and written away from the event loop. It is bound to the
/// connection's event loop.
final class DashboardExchange {
    private let worker: Worker
    private let connection: Connection
    private var isClientGone = false

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    /// Answers the request, later.
    func begin() {
        connection.attach(self)
        let (generation, isStopping) = (worker.generation, !connection.loop.isReady)
        let waiting = NIOLoopBound(self, eventLoop: worker.eventLoop)
        Sampler.count(
            generation,
            on: worker.eventLoop,
            then: { DashboardData(generation: generation, isStopping: isStopping, totals: $0).json() },
            { waiting.value.end($0) }
        )
    }

    private func end(_ json: String?) {
        guard !isClientGone else { return }
        guard let json else { return connection.answer(.figuresWait) }
        connection.answer(json: json)
    }
}

extension DashboardExchange: Exchange {
    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 503: too much work waits.
    fileprivate static let figuresWait = APIError(
        status: 503,
        message: "The gateway has too much to do to collect its figures; try again.",
        type: "server_error",
        parameter: nil,
        code: "figures_busy",
        headers: [("retry-after", "1")]
    )
}
