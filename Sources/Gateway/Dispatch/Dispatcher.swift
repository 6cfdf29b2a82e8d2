import Configuration
import NIOCore
import ResponseCache
import Upstream

/// Answers the requests of one event loop from a generation. It is the only place that knows every route that the
/// gateway answers. It is bound to its event loop.
final class Dispatcher: RequestHandler {
    let worker: Worker
    private let routes: RouteTable
    var crossOrigin: CrossOriginRules? { worker.generation.crossOrigin }

    init(_ worker: Worker) {
        self.worker = worker
        routes = worker.generation.routes
    }

    func admit(_ head: RequestHead, at scope: ListenerScope) -> Result<Transaction.Caller, APIError> {
        worker.generation.admission.admit(head, at: scope)
    }

    func answer(_ request: IncomingRequest, on connection: Connection) {
        switch request.route {
        case .inference(let type):
            InferenceEntrance(worker: worker, connection: connection, call: routes[type], pathModel: nil).enter(request)
        case .deployment(let type, let model):
            InferenceEntrance(worker: worker, connection: connection, call: routes[type], pathModel: model)
                .enter(request)
        case .form(let type, let model):
            FormEntrance(worker: worker, connection: connection, call: routes[type], pathModel: model).enter(request)
        case .passThrough(let path, let wire):
            PassThroughEntrance(worker: worker, connection: connection, wire: wire).enter(request, path: path)
        case .endpoint(let settings, let path, let query):
            guard let group = worker.generation.endpoints.group(of: settings) else {
                return connection.answer(.endpointGone(settings.path))
            }
            EndpointEntrance(worker: worker, connection: connection).enter(request, to: group, path, query: query)
        case .models(let wire):
            connection.answer(
                json: ModelList(for: request.fields, wire).all(of: worker.generation.models, for: connection.tenant)
            )
        case .model(let name, let wire):
            if let json = ModelList(for: request.fields, wire).one(
                name,
                of: worker.generation.models,
                for: connection.tenant
            ) {
                connection.answer(json: json)
            } else {
                var refusal = worker.generation.refusal(of: name, for: connection.tenant)
                refusal.status = 404
                connection.answer(refusal)
            }
        case .modelInfo:
            connection.answer(json: ModelInfo.deployments(of: worker.generation.models, for: connection.tenant))
        case .modelGroupInfo:
            connection.answer(json: ModelInfo.groups(of: worker.generation.models, for: connection.tenant))
        case .liveness:
            connection.answer(json: "\"I'm alive!\"")
        case .readiness:
            let isReady = connection.loop.isReady
            connection.answer(
                json: HealthReport.readiness(
                    of: worker.generation,
                    isStopping: !isReady,
                    isDetailed: connection.scope.showsDetails
                ),
                status: isReady ? 200 : 503
            )
        case .health:
            connection.answer(json: HealthReport.health(of: worker.generation))
        case .options(let allowed):
            let preflight = crossOrigin?.preflight(request.fields, allowed: allowed) ?? []
            let fields = [(name: "allow", value: allowed)] + preflight
            connection.answer(ResponseHead(204, .none, framing: .headOnly, fields: fields), ByteBuffer())
        case .nowhere:
            // Such a request is not admitted.
            connection.close()
        case .cachePing:
            CachePing(worker: worker, connection: connection).begin()
        case .reload:
            ReloadExchange(connection: connection).begin()
        case .configuration:
            let reloads = connection.loop.resources.reloads
            connection.answer(json: ReloadStatus(reloads.record, reloads.summary).json)
        case .cacheStats:
            connection.answer(json: CacheStats.report(of: worker.generation))
        case .metrics:
            MetricsExchange(worker: worker, connection: connection).begin()
        case .cacheRemoval(let kind):
            CacheRemoval(worker: worker, connection: connection).begin(kind, request)
        case .cacheEntry(let query):
            EntryInquiry(worker: worker, connection: connection).begin(query)
        case .dashboard:
            DashboardPage.answer(on: connection, needsKey: worker.generation.admission.needsKey)
        case .dashboardData:
            DashboardExchange(worker: worker, connection: connection).begin()
        case .redisInfo:
            ServerInquiry(worker: worker, connection: connection).begin()
        }
    }

    func shutDown() {
        worker.retire()
        worker.upstream.shutdown()
    }
}
