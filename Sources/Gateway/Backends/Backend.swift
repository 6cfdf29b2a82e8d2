import CallTypes
import Configuration
import Deadlines
import JSON
import Logging
import NIOCore
import NIOPosix
import PluginHost
import ResponseCache
import Synchronization

/// The running cache backend: a plugin's instance with its log and its reports, and what is on the way to it.
///
/// It lives as long as a generation refers to it. Then the instance is shut down, on a thread that may block.
final class Backend: Sendable {
    /// How long the plugin may take to connect before the gateway logs that it has not. The gateway serves meanwhile.
    private static let startBudget: TimeAmount = .seconds(10)
    /// How long stores in flight may take before the plugin is asked to end: as long as any store may.
    private static let storePatience: TimeAmount = .seconds(10)
    /// How long the plugin may take to end after that.
    private static let shutdownBudget: TimeAmount = .seconds(5)

    /// The largest number of bytes in answers that the backend has not confirmed yet. They are not part of the memory
    /// budget.
    private static let pendingStoresLimit = 64 << 20

    /// How many bytes larger than `max_entry_size` an entry may be that is read, because the header of an entry may
    /// grow from one version of the gateway to the next.
    private static let allowance = 4096

    let plugin: LoadedPlugin
    /// What the instance was made with.
    private let parameters: CheckedParameters
    private let maxEntrySize: Int
    /// How long it took to answer the last ping.
    let roundTrip = RoundTrip()
    /// The answers that the backend has not confirmed yet.
    let pendingStores: PendingStores
    /// What was purged, in each namespace.
    private let purgeLogs = Mutex<[(namespace: String?, log: PurgeLog)]>([])
    /// The log of the times in which it does not answer.
    let outage: OutageLog
    private let instance: PluginInstance
    private let control: NIOThreadPool
    /// How the shutdown ended. It is nil where there was none.
    private let end = Mutex<PluginInstance.ShutdownOutcome?>(nil)
    private let isStopped = Atomic<Bool>(false)

    /// Makes the plugin's instance and lets it connect, without waiting for that.
    init(_ blueprint: Blueprint.Backend, _ resources: ServerResources) throws(PluginError) {
        let log = resources.log
        plugin = blueprint.plugin
        parameters = blueprint.parameters
        maxEntrySize = blueprint.settings.maxEntrySize
        control = resources.control
        resources.events.shorten(plugin.title, to: "the cache '\(plugin.type)'")
        pendingStores = PendingStores(capacity: min(Self.pendingStoresLimit, resources.memory.limit / 8))
        outage = OutageLog(
            log,
            limited: resources.limitedLog,
            events: resources.events,
            pluginReports: plugin.capabilities.contains(.partial)
        )
        instance = try PluginInstance.create(
            blueprint.plugin,
            name: "cache",
            parameters: blueprint.parameters,
            hostVersion: Version.description,
            settings: PluginInstance.Settings(
                eventLoops: resources.eventLoops,
                largestValue: blueprint.settings.maxEntrySize + Self.allowance,
                isInterrupted: resources.isStopping,
                stateChanged: { [events = resources.events] isTrouble, text in
                    events.note(.cache, isTrouble ? .warning : .recovery, text)
                }
            ),
            log: PluginLog(log, limited: resources.limitedLog, type: plugin.type)
        )
        log.notice(
            "cache backend \(plugin.type): \(blueprint.settings.typeReason)",
            metadata: ["file": "\(plugin.path)", "plugin": "\(plugin.type)", "version": "\(plugin.version)"]
        )
        try instance.start(budget: Self.startBudget) { [events = resources.events] error in
            guard let error else { return }
            let text = "\(error); requests go uncached until the gateway is restarted"
            log.error("\(text)")
            events.note(.cache, .warning, text)
        }
    }

    /// [on the loop] The storage of one event loop.
    func storage(deadlines: Deadlines) throws(PluginError) -> PluginStorage {
        PluginStorage(port: try instance.port(deadlines: deadlines), plugin: plugin)
    }

    /// [control] What was purged in a namespace. All generations have the same log of it.
    ///
    /// - Parameter interval: how long it may take until a purge of another gateway is noticed.
    func purges(in namespace: String?, noticedWithin interval: TimeAmount) throws(SHA256Failure) -> PurgeLog {
        let isShared = plugin.capabilities.contains(.shared)
        let present = purgeLogs.withLock { $0.first { $0.namespace == namespace }?.log }
        if let present {
            present.relyOnRecord(for: isShared ? interval : nil)
            return present
        }
        let hasRecord = isShared || plugin.capabilities.contains(.persistent)
        let key = hasRecord ? try CacheKeyBuilder().key(ofPurgesIn: namespace) : nil
        let log = PurgeLog(recordKey: key, interval: isShared ? interval : nil)
        purgeLogs.withLock { $0.append((namespace, log)) }
        return log
    }

    /// The last generation that used it has ended, with all its requests and flights.
    deinit {
        guard end.withLock({ $0 == nil }) else { return }
        control.submit { [instance] _ in _ = Self.shutDown(instance) }
    }

    /// Whether the instance is what a configuration asks for, so that it is kept with all its entries: the same plugin
    /// with the same values, and entries of the same greatest size.
    func serves(_ blueprint: Blueprint.Backend) -> Bool {
        !isStopped.load(ordering: .relaxed) && plugin.path == blueprint.plugin.path
            && parameters == blueprint.parameters && maxEntrySize == blueprint.settings.maxEntrySize
    }

    /// Ends an instance when what was to be stored is stored, or has taken too long.
    private static func shutDown(_ instance: PluginInstance) -> PluginInstance.ShutdownOutcome {
        instance.shutdown(patience: storePatience, budget: shutdownBudget)
    }

    /// [control] Ends the instance. It blocks for a while. A second call does nothing.
    /// - Returns: whether the plugin has freed the instance.
    @discardableResult
    func stop() -> Bool {
        isStopped.store(true, ordering: .relaxed)
        return end.withLock { end in
            let outcome = end ?? Self.shutDown(instance)
            end = outcome
            return outcome == .destroyed
        }
    }

    /// Whether the plugin permits one instance at a time, and that of `blueprint` would be another of the same plugin.
    func excludes(_ blueprint: Blueprint.Backend?) -> Bool {
        guard let blueprint, plugin.capabilities.contains(.exclusive) else { return false }
        return blueprint.plugin.path == plugin.path && !serves(blueprint)
    }

    /// [any thread] The plugin's own figures.
    var statistics: [PluginStatistic] { isStopped.load(ordering: .relaxed) ? [] : instance.statistics() }

    /// The configuration of a cache, as a JSON object without secrets.
    static func describe(_ blueprint: Blueprint.Backend, _ calls: CallTable) -> String {
        let settings = blueprint.settings
        let types = calls.all.filter(settings.supportedCallTypes.contains).map { calls[$0].name }
        return JSONWriter.object { object in
            object.member("type", settings.type)
            object.member("mode", settings.isOptIn ? "default_off" : "default_on")
            if let namespace = settings.namespace { object.member("namespace", namespace) }
            if let ttl = settings.ttl { object.member("ttl", "\(ttl)") }
            object.member("supported_call_types", types.joined(separator: ", "))
            for parameter in blueprint.parameters.printable { object.member(named: parameter.name, parameter.value) }
        }
    }

    /// The state of the backend.
    struct State {
        /// `up`, `degraded` or `down`.
        let name: String
        /// The kind of failure, as a token of the gateway's own that anybody may see. It is nil where there is none.
        let code: String?
        /// The reason in the words of the backend, without secrets. It is for callers with the master key only.
        let reason: String?
    }

    /// [any thread] What the instance knows about its backend.
    var health: PluginHealth { instance.health }

    var state: State {
        let health = instance.health
        switch (health.lookups, health.writes) {
        case (let outage?, .some),
            (let outage?, nil) where health.isSilent:
            return State(name: "down", code: outage.code, reason: outage.reason)
        case (let outage?, nil):
            return State(name: "degraded", code: "lookups_fail", reason: "look-ups fail: \(outage.reason)")
        case (nil, let outage?):
            return State(name: "degraded", code: "writes_fail", reason: "writes fail: \(outage.reason)")
        case (nil, nil): break
        }
        switch health.reported?.state {
        case .down: return State(name: "down", code: "backend_down", reason: health.reported?.reason)
        case .degraded: return State(name: "degraded", code: "backend_degraded", reason: health.reported?.reason)
        case .up, nil: break
        }
        if let reason = health.pingFailure {
            return State(name: "degraded", code: "pings_fail", reason: "pings fail: \(reason)")
        }
        return State(name: "up", code: nil, reason: nil)
    }
}

extension PluginLog {
    /// Passes a plugin's lines on to the gateway's log, from any thread. Debugging lines are not limited, since an
    /// operator who enables them wants all of them.
    ///
    /// - Parameter type: the plugin's type, which every line carries.
    init(_ log: Logger, limited: LimitedLog, type: PluginType) {
        self.init(
            level: {
                switch log.logLevel {
                case .trace: .trace
                case .debug: .debug
                case .info, .notice: .info
                case .warning: .warning
                case .error, .critical: .error
                }
            },
            write: { level, instance, message in
                let metadata: Logger.Metadata = ["instance": "\(instance)", "plugin": "\(type)"]
                let level = level.level
                if level <= .debug {
                    log.log(level: level, "\(message)", metadata: metadata)
                } else {
                    limited.write(
                        level,
                        .plugin,
                        about: "\(type) \(instance) \(level)",
                        metadata: metadata,
                        "\(message)"
                    )
                }
            }
        )
    }
}

extension PluginLog.Level {
    fileprivate var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error, .hostMisbehaving, .pluginMisbehaving: .error
        }
    }
}
