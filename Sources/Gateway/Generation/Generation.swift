import CallTypes
import Configuration
import Logging
import NIOCore
import NIOPosix
import PluginHost
import ResponseCache
import Text
import Upstream

/// What a configuration makes of the gateway: models, who may ask, what is cached and where. One immutable value, shared by all
/// event loops and read without a lock.
///
/// A request keeps the generation that it began with, and so does a flight: another one that takes its place serves those that
/// begin later. What lives as long as the process is in `ServerResources`.
final class Generation: Sendable {
    let resources: ServerResources
    let models: ModelDirectory
    let admission: Admission
    let upstream: UpstreamConfiguration
    /// It is nil where caching is off.
    let backend: Backend?
    let cachePolicy: CachePolicy?
    /// What entries are sealed with; empty where they are not.
    let entryKeys: [EntryKey]
    let pendingStores: PendingStores
    /// The calls to models that others may wait for as well.
    let flights: FlightTable
    /// What becomes of a call that nobody waits for any more.
    let onDisconnect: CacheSettings.OnDisconnect
    let replay: CacheSettings.Replay
    let outage: OutageLog
    private let keyMaterials: KeyMaterials

    /// Bytes of the answers that a backend has not confirmed yet, at most. They are not part of the memory budget.
    private static let pendingStoresLimit = 64 << 20

    /// Makes the cache backend's instance and tells it to connect, and does not wait for that.
    init(_ blueprint: Blueprint, _ resources: ServerResources) throws(PluginError) {
        self.resources = resources
        let settings = blueprint.backend?.settings
        models = blueprint.models
        admission = Admission(
            masterKey: blueprint.settings.masterKey?.value,
            bodyLimit: resources.limits.bodyBytes,
            served: resources.routes.description
        )
        var upstream = blueprint.upstream
        upstream.events = ModelLog(resources.log, limited: resources.limitedLog)
        upstream.eventLoops = resources.eventLoops
        self.upstream = upstream
        flights = FlightTable(memory: resources.memory)
        pendingStores = PendingStores(capacity: min(Self.pendingStoresLimit, resources.memory.limit / 8))
        keyMaterials = KeyMaterials(
            namespace: settings?.namespace,
            groups: blueprint.models.groups,
            calls: blueprint.calls
        )
        onDisconnect = settings?.onDisconnect ?? .auto
        replay = settings?.replay ?? .fast
        cachePolicy = settings.map { CachePolicy($0) }
        entryKeys = settings?.entryKeys.compactMap { EntryKey(bytes: $0.bytes) } ?? []
        outage = OutageLog(
            resources.log,
            limited: resources.limitedLog,
            pluginTells: blueprint.backend?.plugin.capabilities.contains(.partial) ?? false
        )
        if let backend = blueprint.backend {
            self.backend = try Backend(backend, blueprint.calls, resources)
        } else {
            self.backend = nil
        }
    }

    /// The last request and the last flight that began with it are over.
    deinit {
        guard let backend else { return }
        resources.control.submit { _ in backend.stop() }
    }

    /// What to answer to a request for a model that no group serves.
    func refusal(of name: String) -> APIError {
        if let reason = models.disabled.reason(for: name) { return .disabledModel(name, reason: reason) }
        return .unknownModel(name, nearest: NearestName.nearest(to: name, among: models.names))
    }

    /// Everything besides the body that makes two requests different to the cache.
    func keyMaterial(
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        headers: [UInt8]
    ) -> KeyMaterial {
        keyMaterials.material(callType: callType, group: group, clientNamespace: clientNamespace, headers: headers)
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
