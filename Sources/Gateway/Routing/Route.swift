import CallTypes
import Configuration

/// How entries are removed from the cache.
enum CacheRemovalKind: Equatable {
    /// `POST /cache/delete`: those of some keys.
    case delete
    /// `POST /cache/flushall`: all.
    case flush
    /// `POST /cache/purge`: those of a model, a tenant or a tag, or those before a time.
    case purge
}

/// What a request asks the gateway for.
enum Route: Equatable {
    /// An inference call that goes to a model.
    case inference(CallType)
    /// An inference call whose path names the model, as Azure's clients do.
    case deployment(CallType, model: String)
    /// A call that is asked with a form, and the model that the path names, if it does.
    case form(CallType, model: String?)
    /// A request below `/v1` that is passed on as it is. The path lacks the version and has the query.
    case passThrough(path: String, WireProtocol)
    /// A request that is passed on to the server of a configured path, with the path below that one and the query.
    indirect case endpoint(PassThroughSettings, path: String, query: String)
    /// The list of models, in the form of that family.
    case models(WireProtocol)
    case model(name: String, WireProtocol)
    /// The deployments of all models.
    case modelInfo
    /// The providers of all models.
    case modelGroupInfo
    case liveness
    case readiness
    case health
    /// A test of the cache's backend.
    case cachePing
    /// The configuration is to be read again.
    case reload
    /// What the configuration in force says, without secrets.
    case configuration
    /// The figures of the cache.
    case cacheStats
    /// Everything that is counted, for Prometheus.
    case metrics
    /// The removal of entries from the cache.
    case cacheRemoval(CacheRemovalKind)
    /// What is known of an entry, which the query names.
    case cacheEntry(query: String)
    /// The page that shows what the gateway does. It has no data.
    case dashboard
    /// The figures of that page.
    case dashboardData
    /// What the Redis server tells of itself and of its clients.
    case redisInfo
    /// Nothing is at the path, which is told in the form of that family.
    case nowhere(WireProtocol)
    /// The question which methods a path takes, with the answer (RFC 9110 section 9.3.7).
    case options(allowed: String)

    /// Whether the route is answered without the master key, which probes do not have. The methods of a path are no
    /// secret: they are in the answer to a wrong one too.
    var isPublic: Bool {
        switch self {
        case .liveness, .readiness, .options, .dashboard: true
        case .endpoint(let settings, _, _): !settings.requiresKey
        case .inference, .deployment, .form, .passThrough, .models, .model, .modelInfo, .modelGroupInfo, .health,
            .cachePing, .cacheStats, .metrics, .cacheRemoval, .cacheEntry, .dashboardData, .redisInfo, .reload,
            .configuration,
            .nowhere:
            false
        }
    }

    /// Whether only the master key may ask for it, where there are other keys: it shows or changes what belongs to all
    /// tenants.
    var isAdministrative: Bool {
        switch self {
        case .health, .cachePing, .cacheStats, .metrics, .cacheRemoval, .cacheEntry, .dashboard, .dashboardData,
            .redisInfo,
            .reload, .configuration:
            true
        case .inference, .deployment, .form, .passThrough, .endpoint, .models, .model, .modelInfo, .modelGroupInfo,
            .liveness, .readiness, .options, .nowhere:
            false
        }
    }

    /// Whether the gateway answers it itself, rather than with a call to a model.
    var isOwn: Bool {
        switch self {
        case .inference, .deployment, .form, .passThrough, .endpoint, .options, .nowhere: false
        case .models, .model, .modelInfo, .modelGroupInfo, .liveness, .readiness, .health, .cachePing, .cacheStats,
            .metrics, .cacheRemoval, .cacheEntry, .dashboard, .dashboardData, .redisInfo, .reload, .configuration:
            true
        }
    }

    /// The methods of the route, as the Allow header lists them (RFC 9110, section 10.2.1).
    var allowedMethods: String {
        switch self {
        case .inference, .deployment, .form: "POST, OPTIONS"
        case .passThrough: Self.allMethods
        case .endpoint(let settings, _, _): (settings.methods + ["OPTIONS"]).joined(separator: ", ")
        case .cacheRemoval: "POST, OPTIONS"
        case .models, .model, .modelInfo, .modelGroupInfo, .liveness, .readiness, .health, .cachePing, .cacheStats,
            .metrics, .cacheEntry, .dashboard, .dashboardData, .redisInfo, .configuration:
            "GET, HEAD, OPTIONS"
        case .reload: "POST, OPTIONS"
        case .options(let allowed): allowed
        case .nowhere: ""
        }
    }

    /// The methods that some path takes.
    static let allMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
}
