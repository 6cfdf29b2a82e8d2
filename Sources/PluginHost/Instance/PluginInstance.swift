import CrashReport
public import Deadlines
import NIOCore
import PluginAPI
import Synchronization

/// A running cache: an instance of a loaded plugin.
///
/// `create`, `start` and `shutdown` are called one at a time and never on an event loop: this is what `[control]`
/// means. Each event loop uses the instance through a `PluginPort` of its own.
public final class PluginInstance: Sendable {
    /// The plugin of the instance.
    public let plugin: LoadedPlugin
    /// The name of the instance in logs.
    public let name: String
    let services: HostServices
    let breakers: BackendBreakers
    let control: ControlCalls
    /// When start is to have ended, or 0 where it has ended or was not called.
    let startDeadline = Atomic<UInt64>(0)
    private let watch: LoopWatch
    let gate: PluginCallGate
    /// The plugin's own handle. It is a constant, and is given only to functions that the interface lets these threads
    /// call.
    nonisolated(unsafe) let cache: OpaquePointer
    let settings: Settings
    let ports = Mutex<[CompletionQueue]>([])
    private let reported: Reported

    init(
        plugin: LoadedPlugin,
        name: String,
        services: HostServices,
        breakers: BackendBreakers,
        control: ControlCalls,
        cache: OpaquePointer,
        settings: Settings,
        reported: Reported
    ) {
        self.plugin = plugin
        self.name = name
        self.services = services
        self.breakers = breakers
        self.control = control
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
                        title: plugin.title,
                        threads: plugin.blockingThreads(atMost: settings.blockingThreads),
                        capacity: settings.blockingQueue
                    )
                )
            }
        watch = LoopWatch(clock: settings.clock) { event in
            switch event {
            case .held(let function, let nanoseconds):
                services.write(
                    .error,
                    "\(plugin.title) has held an event loop in \(function.name) for \(Self.seconds(nanoseconds)) s, and "
                        + "the requests of that loop wait; \(function.permission)"
                )
            case .returned(let function, let nanoseconds):
                services.write(
                    .warning,
                    "\(plugin.title) has returned from \(function.name) after \(Self.seconds(nanoseconds)) s"
                )
            }
        }
        watch.start { [weak self] in self?.checkStart() }
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let tenths = nanoseconds / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    deinit { watch.stop() }

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
        crash_report_prepare_thread()
        let mark = CallMark(title: plugin.title)
        watch.add(mark)
        let port = PluginPort(instance: binding, queue: queue, deadlines: deadlines, mark: mark)
        queue.port = port
        ports.withLock { $0.append(queue) }
        return port
    }

    private var binding: InstanceBinding {
        InstanceBinding(
            plugin: plugin,
            functions: plugin.functions,
            inquire: PluginInquiry.function(of: plugin),
            cache: cache,
            gate: gate,
            limits: plugin.limits,
            capabilities: plugin.capabilities,
            largestValue: settings.largestValue,
            breakers: breakers,
            services: services
        )
    }

    /// [any thread] The health of the instance.
    public var health: PluginHealth {
        PluginHealth(
            lookups: breakers.lookups.outage,
            writes: breakers.writes.outage,
            lookupOpenings: breakers.lookups.openings,
            writeOpenings: breakers.writes.openings,
            isSilent: breakers.pings.hasFailed,
            pingFailure: breakers.pings.failure,
            reported: reported.latest,
            misbehaviourCount: services.misbehaviour.total
        )
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
