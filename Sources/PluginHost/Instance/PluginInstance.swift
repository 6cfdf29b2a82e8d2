public import Deadlines
import NIOCore
import PluginAPI
import Synchronization

/// A running cache: an instance of a loaded plugin.
///
/// `create`, `start` and `shutdown` are called one at a time and never on an event loop: this is what `[control]`
/// means. Each event loop uses the instance through a `PluginPort` of its own.
public final class PluginInstance: Sendable {
    /// How much an instance may do at a time.
    public struct Settings: Sendable {
        /// How many event loops will have a port.
        public var eventLoops: Int
        /// How many operations may be pending on each loop. More are refused as busy.
        public var inFlightPerLoop: Int
        /// The number of threads for a plugin that blocks.
        public var blockingThreads: Int
        /// How many calls may wait for those threads. More are refused as busy.
        public var blockingQueue: Int
        /// The number of I/O threads that the plugin should use at most.
        public var ioThreads: Int
        /// The largest value that is read, in bytes. A larger value in the backend is a failure of its key.
        public var largestValue: Int
        /// The clocks of the instance and its plugin.
        public var clock: PluginClock

        /// Values out of range are corrected: there is at least one event loop, one operation and one byte.
        public init(
            eventLoops: Int,
            inFlightPerLoop: Int = 1024,
            blockingThreads: Int = 8,
            blockingQueue: Int = 1024,
            ioThreads: Int = 1,
            largestValue: Int = 1 << 32,
            clock: PluginClock = .system
        ) {
            self.eventLoops = min(max(1, eventLoops), OperationID.mostPorts - 1)
            self.inFlightPerLoop = min(max(1, inFlightPerLoop), OperationID.mostSlots)
            self.blockingThreads = blockingThreads
            self.blockingQueue = blockingQueue
            self.ioThreads = ioThreads
            self.largestValue = max(1, largestValue)
            self.clock = clock
        }
    }

    /// The plugin of the instance.
    public let plugin: LoadedPlugin
    /// The name of the instance in logs.
    public let name: String
    let services: HostServices
    let breaker: SharedBreaker
    let gate: PluginCallGate
    /// The plugin's own handle. It is a constant, and is given only to functions that the interface lets these threads
    /// call.
    nonisolated(unsafe) let cache: OpaquePointer
    let settings: Settings
    let ports = Mutex<[CompletionQueue]>([])
    private let reported: Reported

    /// [control] Makes an instance, without waiting for the backend.
    ///
    /// - Parameters:
    ///   - name: the name of the instance in logs.
    ///   - parameters: parameters that were checked without an error. The copies of secrets made for the plugin are
    ///     overwritten.
    ///   - hostVersion: the gateway's own version.
    public static func create(
        _ plugin: LoadedPlugin,
        name: String,
        parameters: CheckedParameters,
        hostVersion: String,
        settings: Settings,
        log: PluginLog
    ) throws(PluginError) -> PluginInstance {
        let reported = Reported()
        let breaker = SharedBreaker(settings: Breaker.Settings(), clock: settings.clock) { event in
            switch event {
            case .opened(let reason):
                log.write(.warning, name, "\(plugin.title) is left alone for a while, requests go uncached: \(reason)")
            case .closed:
                log.write(.info, name, "\(plugin.title) is in use again")
            }
        }
        let services = HostServices(
            name: name,
            title: plugin.title,
            log: log,
            secrets: parameters.secrets,
            clock: settings.clock,
            ports: settings.eventLoops
        ) { report in
            guard reported.change(to: report) else { return }
            let level: PluginLog.Level = report.state == .up ? .info : .warning
            log.write(level, name, "\(plugin.title) reports its backend \(report.state): \(report.reason)")
            switch report.state {
            case .down: breaker.reportedDown(report.reason)
            case .up: breaker.reportedUp()
            case .degraded: break
            }
        }
        let host = services.makeHost(
            hostVersion: hostVersion,
            ioThreads: settings.ioThreads,
            maxInFlight: settings.inFlightPerLoop &* settings.eventLoops,
            largestValue: settings.largestValue,
            blockingThreads: plugin.blockingThreads(atMost: settings.blockingThreads)
        )
        let cache = try make(plugin, parameters, host, services)
        return PluginInstance(
            plugin: plugin,
            name: name,
            services: services,
            breaker: breaker,
            cache: cache,
            settings: settings,
            reported: reported
        )
    }

    /// [any thread] Lets the plugin check parameters against one another. Nothing is opened or connected.
    public static func validate(_ plugin: LoadedPlugin, parameters: CheckedParameters) throws(PluginError) {
        guard let validate = plugin.functions.validate else { return }
        var error = gw_error()
        error.struct_size = UInt32(MemoryLayout<gw_error>.size)
        let status = ParameterLending.lend(parameters) { validate($0, &error) }
        guard status != GW_OK else { return }
        throw failure(.invalidParameters, plugin, status, error, Redaction(secrets: parameters.secrets))
    }

    private init(
        plugin: LoadedPlugin,
        name: String,
        services: HostServices,
        breaker: SharedBreaker,
        cache: OpaquePointer,
        settings: Settings,
        reported: Reported
    ) {
        self.plugin = plugin
        self.name = name
        self.services = services
        self.breaker = breaker
        self.cache = cache
        self.settings = settings
        self.reported = reported
        gate =
            switch plugin.threadModel {
            case .concurrent: .concurrent
            case .serial: .serial(SerialGate())
            case .blocking:
                .blocking(
                    BlockingPool(
                        threads: plugin.blockingThreads(atMost: settings.blockingThreads),
                        capacity: settings.blockingQueue
                    )
                )
            }
    }

    /// [on the loop] Makes the port of the event loop that the deadlines belong to. Call it once for each loop.
    public func port(deadlines: Deadlines) throws(PluginError) -> PluginPort {
        deadlines.eventLoop.assertInEventLoop()
        let queue = services.addQueue { index in
            CompletionQueue(index: index, capacity: settings.inFlightPerLoop, eventLoop: deadlines.eventLoop)
        }
        guard let queue else {
            throw PluginError(
                .tooManyPorts,
                path: plugin.path,
                "\(plugin.title) has a port for every event loop already"
            )
        }
        let port = PluginPort(instance: binding, queue: queue, deadlines: deadlines)
        queue.port = port
        ports.withLock { $0.append(queue) }
        return port
    }

    private var binding: InstanceBinding {
        InstanceBinding(
            functions: plugin.functions,
            cache: cache,
            gate: gate,
            limits: plugin.limits,
            capabilities: plugin.capabilities,
            largestValue: settings.largestValue,
            breaker: breaker,
            services: services
        )
    }

    /// [any thread] The health of the instance.
    public var health: PluginHealth {
        let (isOpen, lastFailure, lastCode) = breaker.snapshot
        return PluginHealth(
            isBreakerOpen: isOpen,
            lastFailure: lastFailure,
            lastFailureCode: lastCode,
            reported: reported.latest,
            misbehaviourCount: services.misbehaviour.total
        )
    }

    private static func make(
        _ plugin: LoadedPlugin,
        _ parameters: CheckedParameters,
        _ host: UnsafePointer<gw_host>,
        _ services: HostServices
    ) throws(PluginError) -> OpaquePointer {
        var error = gw_error()
        error.struct_size = UInt32(MemoryLayout<gw_error>.size)
        var cache: OpaquePointer?
        let status = ParameterLending.lend(parameters) { plugin.functions.create(host, $0, &error, &cache) }
        guard status == GW_OK, let cache else {
            throw failure(
                .createFailed,
                plugin,
                status == GW_OK ? GW_EINTERNAL : status,
                error,
                Redaction(secrets: parameters.secrets)
            )
        }
        return cache
    }

    private static func failure(
        _ code: PluginError.Code,
        _ plugin: LoadedPlugin,
        _ status: Int32,
        _ error: gw_error,
        _ redaction: Redaction
    ) -> PluginError {
        let reason =
            error.text.map { Printable.text(redaction.clean($0)) } ?? OperationFailure(status: status).description
        return PluginError(code, path: plugin.path, "\(plugin.title): \(reason)")
    }
}

/// The plugin's latest report on its backend.
final class Reported: Sendable {
    private let report = Mutex<PluginHealth.Report?>(nil)

    var latest: PluginHealth.Report? { report.withLock { $0 } }

    /// - Returns: whether the state has changed.
    func change(to new: PluginHealth.Report) -> Bool {
        report.withLock { report in
            defer { report = new }
            return report?.state != new.state
        }
    }
}
