import CallTypes
import Configuration
import Dialects
import Logging
import NIOCore
import NIOPosix
import PluginHost
import ResponseCache
import Text
import Upstream

/// The parts of the gateway that depend on the configuration: the models, the admission of clients, and what is cached
/// and where. A generation is immutable. All event loops share it and read it without a lock.
///
/// A request keeps the generation that it began with, and so does a flight. A generation that replaces it serves the
/// requests and flights that begin later. `ServerResources` has what exists as long as the process.
final class Generation: Sendable {
    let resources: ServerResources
    /// What one client may take of the server.
    let limits: ServerLimits
    /// The paths that there are.
    let routes: RouteTable
    let models: ModelDirectory
    /// The paths that lead to other servers.
    let endpoints: [PassThroughEndpoint]
    /// The model whose deployments get the requests that name none. It is nil where the configuration sets none and has
    /// several models.
    let defaultModel: String?
    /// Whether any model has fallbacks.
    private let hasFallbacks: Bool
    let admission: Admission
    /// Which pages of other origins may read answers. It is nil where none may.
    let crossOrigin: CrossOriginRules?
    /// Whether requests are counted, and who may ask for the figures.
    let metrics: MetricsSettings
    /// Whether it is read from answers what they have cost, which is stored with them.
    let countsTokens: Bool
    let upstream: UpstreamConfiguration
    /// The cache backend. It is nil where caching is off. Generations between which its parameters did not change share
    /// it.
    let backend: Backend?
    /// The configuration of the cache, as a JSON object without secrets.
    let cacheDescription: String
    let cachePolicy: CachePolicy?
    /// Where the policy differs for single models. It is nil where it does for none.
    let cacheRules: ModelCacheRules?
    /// What the cache may serve although the result may have changed meanwhile.
    let cacheAllowance: CacheAllowance
    /// `cache_params.namespace`.
    let namespace: String?
    /// The keys with which entries are sealed. It is empty where entries are not sealed.
    let entryKeys: [EntryKey]
    /// The answers that the backend has not confirmed yet.
    var pendingStores: PendingStores { backend?.pendingStores ?? Self.noStores }
    /// The calls to models that several requests may wait for.
    let flights: FlightTable
    /// What is done with a call for which no request waits any more.
    let onDisconnect: CacheSettings.OnDisconnect
    let replay: CacheSettings.Replay
    /// The log of the times in which the cache does not answer.
    let outage: OutageLog
    /// What was purged.
    let purges: PurgeLog
    /// How long it may take until a purge of another gateway is noticed.
    let noticedWithin: TimeAmount
    /// The label of each group, by its position.
    private let modelLabels: [EntryLabel]
    private let masterLabel: EntryLabel
    /// The names of all tenants.
    private let tenantNames: [String]
    private let keyMaterials: KeyMaterials

    private static let noStores = PendingStores(capacity: 0)

    /// Creates the instance of the cache backend and starts its connection, without waiting for the connection, unless
    /// the generation before has one that serves this configuration too.
    ///
    /// - Parameter previous: the generation that this one replaces.
    /// - Throws: `PluginError` where the backend refuses its configuration, and `SHA256Failure`.
    init(_ blueprint: Blueprint, _ resources: ServerResources, after previous: Generation? = nil) throws {
        self.resources = resources
        let settings = blueprint.settings.cache
        limits = ServerLimits(blueprint.settings, resources.descriptors)
        routes = RouteTable(
            blueprint.dialects,
            cached: settings?.supportedCallTypes ?? CallTypeSet(),
            forwardsClientHeaders: blueprint.settings.routing.forwardsClientHeaders,
            endpoints: EndpointRoutes(blueprint.settings.routing.passThroughEndpoints)
        )
        models = blueprint.models
        endpoints = blueprint.endpoints
        hasFallbacks = blueprint.models.hasFallbacks
        defaultModel =
            blueprint.settings.routing.defaultDeployment?.model
            ?? (blueprint.models.groups.count == 1 ? blueprint.models.groups.first?.name : nil)
        admission = Admission(
            masterKey: blueprint.settings.masterKey?.value,
            keys: try ClientKeys(blueprint.settings.keys, usages: resources.keyUsages),
            bodyLimit: limits.bodyBytes,
            served: routes.description,
            metrics: blueprint.settings.metrics
        )
        metrics = blueprint.settings.metrics
        countsTokens = blueprint.settings.metrics.isOn || resources.observation.countsTokens
        crossOrigin = blueprint.settings.crossOrigin.map { CrossOriginRules($0) }
        var upstream = blueprint.upstream
        upstream.events = ModelLog(resources.log, limited: resources.limitedLog, events: resources.events)
        upstream.eventLoops = resources.eventLoops
        self.upstream = upstream
        namespace = settings?.namespace
        keyMaterials = try KeyMaterials(
            namespace: settings?.namespace,
            groups: blueprint.models.groups,
            sharing: blueprint.cachingGroups,
            calls: blueprint.calls
        )
        cacheRules = ModelCacheRules(blueprint.settings, blueprint.models, blueprint.calls)
        onDisconnect = settings?.onDisconnect ?? .auto
        replay = settings?.replay ?? .fast
        cachePolicy = settings.map { CachePolicy($0) }
        cacheAllowance = CacheAllowance(
            stateful: settings?.cachesStateful ?? false,
            tools: settings?.cachedTools ?? []
        )
        entryKeys = settings?.entryKeys.compactMap { EntryKey(bytes: $0.bytes) } ?? []
        cacheDescription = blueprint.backend.map { Backend.describe($0, blueprint.calls) } ?? "{}"
        backend = try blueprint.backend.map { wanted in
            if let present = previous?.backend, present.serves(wanted) { return present }
            return try Backend(wanted, resources)
        }
        noticedWithin = TimeAmount(seconds: settings?.purgeInterval ?? 0)
        purges = try backend?.purges(in: settings?.namespace, noticedWithin: noticedWithin) ?? PurgeLog()
        flights = FlightTable(memory: resources.memory, purges: purges)
        modelLabels = try blueprint.models.groups.map {
            group throws(SHA256Failure) in try EntryLabel(.model, group.name.utf8)
        }
        tenantNames = [KeySettings.masterName] + blueprint.settings.keys.map(\.name)
        masterLabel = try EntryLabel(.tenant, KeySettings.masterName.utf8)
        outage =
            backend?.outage ?? OutageLog(resources.log, limited: resources.limitedLog, events: resources.events)
    }

    /// Returns what is asked where a model fails. It is nil where there is nothing.
    ///
    /// - Parameter tenant: the client's, who is not answered by models that it may not request.
    func fallbacks(of group: ModelGroup, for tenant: Tenant?) -> Fallbacks? {
        // Most configurations have none, and calling the directory would copy it.
        guard hasFallbacks, let fallbacks = models.fallbacks(of: group) else { return nil }
        guard let tenant, tenant.models != nil else { return fallbacks }
        return fallbacks.filtered { tenant.mayRequest($0.name) }
    }

    /// Returns the error for a purge of a tenant that there is not. It is nil where there is one.
    func refusal(ofTenant name: String) -> APIError? {
        guard !tenantNames.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else { return nil }
        return .unknownTenant(name, nearest: NearestName.nearest(to: name, among: tenantNames))
    }

    /// Returns what purges can name of a call that begins now.
    ///
    /// - Parameters:
    ///   - tenant: whose call it is. It is nil for the master key.
    ///   - tags: the tags that the request gives its answer.
    func facts(of group: ModelGroup, _ tenant: Tenant?, tags: [[UInt8]], at now: CacheInstant) -> CallFacts {
        let began = now.unixMilliseconds
        let known = group.isMadeForName || !modelLabels.indices.contains(group.position)
        let model = known ? try? EntryLabel(.model, group.name.utf8) : modelLabels[group.position]
        let holder = tenant.map { try? EntryLabel(.tenant, $0.name.utf8) } ?? masterLabel
        // Where a label cannot be computed, every purge covers the entry.
        guard let model, let holder else { return CallFacts(began: began, labels: nil) }
        guard !tags.isEmpty else { return CallFacts(began: began, labels: [model, holder]) }
        let tags = tags.compactMap { try? EntryLabel(.tag, $0) }
        return CallFacts(began: began, labels: [model, holder] + tags)
    }

    /// Returns the names of the models and tenants that labels of an entry stand for, as far as the configuration has them.
    /// It takes time in proportion to their numbers.
    func names(of labels: [EntryLabel]) -> (models: [String], tenants: [String]) {
        let models = zip(models.groups, modelLabels).filter { labels.contains($1) }.map { $0.0.name }
        let tenants = tenantNames.filter { name in
            (try? EntryLabel(.tenant, name.utf8)).map(labels.contains) ?? false
        }
        return (models, tenants)
    }

    /// Returns the error for a request for a model that no group serves, or that the client may not request. A tenant is
    /// not told which models there are besides its own.
    func refusal(of name: String, for tenant: Tenant?) -> APIError {
        if let tenant, tenant.models != nil {
            let names = models.names.filter { tenant.mayRequest($0) }
            guard tenant.mayRequest(name), let reason = models.disabled.reason(for: name) else {
                return .unknownModel(name, nearest: NearestName.nearest(to: name, among: names), isRestricted: true)
            }
            return .disabledModel(name, reason: reason)
        }
        if let reason = models.disabled.reason(for: name) { return .disabledModel(name, reason: reason) }
        return .unknownModel(name, nearest: NearestName.nearest(to: name, among: models.names))
    }

    /// Returns everything in addition to the body that distinguishes two requests in the cache.
    ///
    /// - Parameters:
    ///   - tenant: the client's. It is nil for the master key.
    ///   - prepared: where what was computed for a tenant is kept.
    func keyMaterial(
        for tenant: Tenant?,
        prepared: TenantMaterials?,
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        try keyMaterials.material(
            for: tenant,
            prepared: prepared,
            callType: callType,
            group: group,
            clientNamespace: clientNamespace,
            keyedValues: keyedValues
        )
    }
}

extension Generation {
    /// The parts of which `keyMaterial` is made.
    func keyParts(
        for tenant: Tenant?,
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) -> KeyParts {
        keyMaterials.parts(
            for: tenant,
            callType: callType,
            group: group,
            clientNamespace: clientNamespace,
            keyedValues: keyedValues
        )
    }
}

extension CachePolicy {
    init(_ settings: CacheSettings) {
        self.init(
            timeToLive: settings.ttl.flatMap(Milliseconds.from(seconds:)),
            staleWhileRevalidate: Milliseconds.from(seconds: settings.staleWhileRevalidate) ?? 0,
            staleIfError: Milliseconds.from(seconds: settings.staleIfError) ?? 0,
            optIn: settings.isOptIn,
            callTypes: settings.supportedCallTypes,
            maxEntrySize: settings.maxEntrySize,
            lookupTimeout: TimeAmount(seconds: settings.lookupTimeout)
        )
    }
}
