import CallTypes
import Configuration
import Dialects

/// The names of endpoints in the access log, in metrics and in traces: their paths without the parts that vary, so that
/// there are only so many.
struct EndpointNames: Sendable {
    /// Those of the calls that the gateway serves.
    static let served = EndpointNames(.served)

    /// The names of the calls, by the positions of their types.
    private let calls: [String]

    init(_ dialects: DialectTable) {
        calls = dialects.calls.map { "/v1\($0.path)" }
    }

    /// The name of what a request asks for. It is empty for what is no request, or asks for what is not there.
    ///
    /// - Parameter route: the route of the request, which is nil where it is none.
    func name(of route: Route?) -> String {
        switch route {
        case .inference(let type), .deployment(let type, _), .form(let type, _):
            calls.indices.contains(type.position) ? calls[type.position] : ""
        case .passThrough: "/v1/*"
        case .endpoint(let settings, _, _): settings.path
        case .models: "/v1/models"
        case .model: "/v1/models/*"
        case .modelInfo: "/model/info"
        case .modelGroupInfo: "/model_group/info"
        case .liveness: "/health/liveliness"
        case .readiness: "/health/readiness"
        case .health: "/health"
        case .cachePing: "/cache/ping"
        case .cacheStats: "/cache/stats"
        case .metrics: "/metrics"
        case .cacheRemoval(.delete): "/cache/delete"
        case .cacheRemoval(.flush): "/cache/flushall"
        case .cacheRemoval(.purge): "/cache/purge"
        case .cacheEntry: "/cache/entry"
        case .redisInfo: "/cache/redis/info"
        case .dashboard: "/ui"
        case .dashboardData: "/ui/data"
        case .reload: "/config/reload"
        case .configuration: "/config"
        case .options: "OPTIONS"
        case .nowhere, nil: ""
        }
    }
}
