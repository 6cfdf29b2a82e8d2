import NIOCore

/// `POST /config/reload`: has the configuration read again, and answers with what came of it.
final class ReloadExchange: Exchange {
    private let connection: Connection
    private let reloads: Reloads
    private var isClientGone = false

    init(connection: Connection) {
        self.connection = connection
        reloads = connection.loop.resources.reloads
    }

    func begin() {
        connection.attach(self)
        let waiting = NIOLoopBound(self, eventLoop: connection.loop.eventLoop)
        let isTaken = reloads.request { record in
            waiting.eventLoop.execute { waiting.value.end(record) }
        }
        if !isTaken { connection.answer(.reloadsWait) }
    }

    private func end(_ record: ReloadRecord) {
        guard !isClientGone else { return }
        let isRefused = if case .refused = record.last?.outcome { true } else { false }
        connection.answer(json: ReloadStatus(record, nil).json, status: isRefused ? 422 : 200)
    }

    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 503: enough others wait for a reload.
    fileprivate static var reloadsWait: APIError {
        APIError(
            status: 503,
            message: "Too many requests wait for the configuration to be reloaded; try again.",
            type: "api_error",
            parameter: nil,
            code: "reload_pending"
        )
    }
}
