import Configuration
import Logging
import NIOCore
import PluginHost
import ResponseCache
import Text
import Upstream

/// What the gateway serves: one immutable value, shared by all event loops and read without a lock.
final class Service: Sendable {
    let models: ModelDirectory
    let admission: Admission
    let limits: ServerLimits
    let connections: OpenConnections
    let upstreamConfiguration: UpstreamConfiguration
    /// nil where caching is off.
    let backend: Backend?
    let cachePolicy: CachePolicy?
    /// What entries are sealed with; empty: they are not.
    let entryKeys: [EntryKey]
    let pendingStores: PendingStores
    /// What requests and answers under way may take of the memory.
    let memory: MemoryBudget
    /// For what would hold up an event loop.
    let longWork: LongWork
    /// The calls to models that others may wait for as well.
    let flights: FlightTable
    /// What becomes of a call that nobody waits for any more.
    let onDisconnect: CacheSettings.OnDisconnect
    let replay: CacheSettings.Replay
    let outage: OutageLog
    let log: Logger
    /// For lines whose number something outside decides.
    let limitedLog: LimitedLog
    private let keyMaterials: KeyMaterials

    /// Bytes of the answers that a backend has not confirmed yet, at most. They are not part of the memory budget.
    private static let pendingStoresLimit = 64 << 20

    /// - Parameters:
    ///   - memoryLimit: bytes that requests and answers under way may take.
    ///   - eventLoops: how many loops will have a worker.
    init(
        blueprint: Blueprint,
        limits: ServerLimits,
        memoryLimit: Int,
        eventLoops: Int,
        log: Logger,
        limitedLog: LimitedLog
    ) throws(PluginError) {
        self.models = blueprint.models
        let memory = MemoryBudget(limit: memoryLimit)
        self.memory = memory
        self.flights = FlightTable(memory: memory)
        self.pendingStores = PendingStores(capacity: min(Self.pendingStoresLimit, memoryLimit / 8))
        self.longWork = LongWork(eventLoops: eventLoops)
        self.limits = limits
        self.connections = OpenConnections(limits: limits.connections, log: log)
        self.admission = Admission(
            masterKey: blueprint.settings.masterKey?.value,
            bodyLimit: limits.bodyBytes
        )
        var upstream = blueprint.upstream
        upstream.events = ModelLog(log, limited: limitedLog)
        upstream.eventLoops = eventLoops
        self.upstreamConfiguration = upstream
        self.keyMaterials = KeyMaterials(
            namespace: blueprint.backend?.settings.namespace,
            groups: blueprint.models.groups
        )
        self.onDisconnect = blueprint.backend?.settings.onDisconnect ?? .auto
        self.replay = blueprint.backend?.settings.replay ?? .fast
        self.cachePolicy = blueprint.backend.map { CachePolicy($0.settings) }
        self.entryKeys = blueprint.backend?.settings.entryKeys.compactMap { EntryKey(bytes: $0.bytes) } ?? []
        self.outage = OutageLog(
            log,
            limited: limitedLog,
            pluginTells: blueprint.backend?.plugin.capabilities.contains(.partial) ?? false
        )
        self.log = log
        self.limitedLog = limitedLog
        if let backend = blueprint.backend {
            self.backend = try Backend(backend, eventLoops: eventLoops, log: log, limitedLog: limitedLog)
        } else {
            self.backend = nil
        }
    }

    /// What to answer to a request for a model that no group serves.
    func refusal(of name: String) -> APIError {
        if let reason = models.disabled.reason(for: name) { return .disabledModel(name, reason: reason) }
        return .unknownModel(name, nearest: NearestName.nearest(to: name, among: models.names))
    }

    /// Tells in the log that requests are refused: in one line a minute for each reason.
    func tellRefusal(_ error: APIError) {
        // The text is the gateway's own, with no more of its configuration than the model's name.
        limitedLog.write(
            .warning,
            .overload,
            about: error.message,
            "a request is answered with \(error.status): \(error.message)"
        )
    }

    /// Everything besides the body that makes two requests different to the cache.
    func keyMaterial(callType: CallType, group: ModelGroup, clientNamespace: String?, beta: String?) -> KeyMaterial {
        keyMaterials.material(callType: callType, group: group, clientNamespace: clientNamespace, beta: beta)
    }

    /// Makes the worker of every loop.
    func makeWorkers(on group: any EventLoopGroup) throws -> WorkerTable {
        var workers: [NIOLoopBound<Worker>] = []
        for loop in group.makeIterator() {
            workers.append(
                try loop.submit { NIOLoopBound(try Worker(eventLoop: loop, service: self), eventLoop: loop) }.wait()
            )
        }
        if let first = workers.first {
            first.eventLoop.execute { first.value.watchBackend() }
        }
        return WorkerTable(workers)
    }
}

extension CachePolicy {
    init(_ settings: CacheSettings) {
        self.init(
            timeToLive: settings.ttl.flatMap(Milliseconds.from(seconds:)),
            staleWhileRevalidate: Milliseconds.from(seconds: settings.staleWhileRevalidate) ?? 0,
            staleIfError: Milliseconds.from(seconds: settings.staleIfError) ?? 0,
            optIn: settings.isOptIn,
            callTypes: Set(settings.supportedCallTypes.map(CallType.init)),
            maxEntrySize: settings.maxEntrySize,
            lookupTimeout: TimeAmount(seconds: settings.lookupTimeout)
        )
    }
}

extension CallType {
    init(_ type: CachedCallType) {
        self =
            switch type {
            case .chatCompletion: .completion
            case .textCompletion: .textCompletion
            case .embedding: .embedding
            }
    }
}
