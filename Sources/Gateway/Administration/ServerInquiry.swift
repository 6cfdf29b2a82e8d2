import NIOCore
import PluginHost
import ResponseCache

/// `GET /cache/redis/info`: asks the Redis server what it tells of itself and of its clients, for operators of the gateway. It
/// is bound to the connection's event loop.
final class ServerInquiry {
    /// How long the server may take.
    private static let limit: TimeAmount = .seconds(5)

    private let worker: Worker
    private let connection: Connection
    private var lookup: PluginLookup?

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    /// Answers the request, later.
    func begin() {
        guard let backend = worker.generation.backend, let port = worker.storage?.port else {
            return connection.answer(.noServer("The cache is off: set 'cache: true' in litellm_settings."))
        }
        guard port.answersInquiries else {
            let type = backend.plugin.type
            return connection.answer(
                .noServer("The cache '\(type)' has no server that tells of its clients, as 'redis' has.")
            )
        }
        connection.attach(self)
        let lookup = port.inquire(["clients", "info"], deadline: .now() + Self.limit)
        self.lookup = lookup
        lookup.whenDone { [self] in
            guard self.lookup != nil else { return }
            self.lookup = nil
            let texts = (0..<2).map { text(of: lookup, at: $0) }
            lookup.release()
            switch (texts[0], texts[1]) {
            case (.success(let clients), .success(let info)):
                connection.answer(json: ServerReport.json(clients: clients, info: info))
            case (.failure(let error), _), (_, .failure(let error)): connection.answer(error)
            }
        }
    }

    private func text(of lookup: PluginLookup, at index: Int) -> Result<String, APIError> {
        switch lookup.outcome(at: index) as PluginLookup.Outcome {
        case .hit(let bytes): return .success(String(decoding: bytes, as: UTF8.self))
        case .miss: return .failure(.noServer("The cache's plugin does not tell this."))
        case .failure(let failure):
            return .failure(.noServer("The server does not tell: \(failure.described(lookup.failureText(at: index)))."))
        }
    }
}

extension ServerInquiry: Exchange {
    func clientGone() {
        lookup?.release()
        lookup = nil
    }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 503: there is no Redis server, or it does not answer.
    static func noServer(_ message: String) -> APIError {
        APIError(status: 503, message: message, type: "cache_ping_error", parameter: "cache_redis_info", code: "503")
    }
}
