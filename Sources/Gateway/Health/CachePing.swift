import Configuration
import JSON
import NIOCore
import PluginHost

/// `GET /cache/ping`: tries the backend for operators of the gateway, and answers with LiteLLM's members, the backend's
/// state and the round-trip time. The answer never contains a secret.
final class CachePing: Exchange {
    /// How long the backend may take. It is longer than a request would wait, since the question is whether the backend
    /// works at all.
    private static let limit: TimeAmount = .seconds(5)

    private let connection: Connection
    private let worker: Worker
    private var isClientGone = false

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    func begin() {
        guard let backend = worker.generation.backend, let storage = worker.storage else {
            return connection.answer(.cachePingFailed("The cache is off: set 'cache: true' in litellm_settings."))
        }
        connection.attach(self)
        let check = BackendCheck(
            port: storage.port,
            plugin: backend.plugin,
            namespace: worker.generation.namespace,
            limit: Self.limit
        )
        check.run { [self] result in
            if case .success(let roundTrip) = result { backend.roundTrip.note(roundTrip) }
            guard !isClientGone else { return }
            switch result {
            case .success(let roundTrip):
                connection.answer(json: Self.healthy(backend, worker.generation.cacheDescription, roundTrip))
            case .failure(let failure): connection.answer(.cachePingFailed(Self.sentence(backend, failure)))
            }
        }
    }

    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}

    private static func healthy(_ backend: Backend, _ description: String, _ roundTrip: TimeAmount) -> String {
        let state = backend.state
        return JSONWriter.object { report in
            report.member("status", "healthy")
            report.member("cache_type", backend.plugin.type.name)
            report.member("ping_response") { $0.bool(true) }
            report.member("set_cache_response", "success")
            report.member("state", state.name)
            report.member("reason", state.reason)
            report.member("round_trip_ms") { $0.milliseconds(roundTrip) }
            report.member("version", backend.plugin.version)
            report.member("statistics") { json in
                json.object { members in
                    for figure in backend.statistics { members.member(named: figure.name) { $0.integer(figure.value) } }
                }
            }
            report.member("litellm_cache_params", description)
        }
    }

    private static func sentence(_ backend: Backend, _ failure: BackendCheck.Failure) -> String {
        let state = backend.state
        let reason = state.reason.map { "; its state is \(state.name): \($0)" } ?? "; its state is \(state.name)"
        return "The cache '\(backend.plugin.type)' does not work: \(failure.step) failed (\(failure.reason))\(reason). "
            + "Requests are answered without it; it is used again once it answers."
    }
}

extension APIError {
    /// 503: the cache is off, or its backend does not work.
    static func cachePingFailed(_ message: String) -> APIError {
        APIError(status: 503, message: message, type: "cache_ping_error", parameter: "cache_ping", code: "503")
    }
}
