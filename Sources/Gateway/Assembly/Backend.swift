import Configuration
import Deadlines
import Logging
import NIOCore
import PluginHost
import ResponseCache

/// The running cache backend: a plugin's instance, and what to say of it.
final class Backend: Sendable {
    /// How long the plugin may take to connect before the gateway says that it has not. It serves meanwhile.
    private static let startBudget: TimeAmount = .seconds(10)
    /// How long the plugin may take to finish what it has when the gateway stops.
    private static let shutdownBudget: TimeAmount = .seconds(5)

    let plugin: LoadedPlugin
    private let instance: PluginInstance

    /// Makes the plugin's instance and tells it to connect. Does not wait for that.
    init(_ blueprint: Blueprint.Backend, eventLoops: Int, log: Logger) throws(PluginError) {
        plugin = blueprint.plugin
        instance = try PluginInstance.create(
            blueprint.plugin,
            name: "cache",
            parameters: blueprint.parameters,
            hostVersion: Version.description,
            settings: PluginInstance.Settings(eventLoops: eventLoops),
            log: PluginLog(log)
        )
        log.notice(
            "cache backend \(plugin.type): \(blueprint.settings.typeReason)",
            metadata: ["plugin": "\(plugin.path)", "version": "\(plugin.version)"]
        )
        instance.start(budget: Self.startBudget) { error in
            if let error { log.warning("\(error); requests go uncached until it answers") }
        }
    }

    /// [on the loop] The storage of one event loop.
    func storage(deadlines: Deadlines) throws(PluginError) -> PluginStorage {
        PluginStorage(port: try instance.port(deadlines: deadlines), plugin: plugin)
    }

    /// [control] Ends the instance. Blocks for a while.
    func stop() {
        _ = instance.shutdown(budget: Self.shutdownBudget)
    }

    /// How the backend is doing: `up`, `degraded` or `down`, and why.
    var state: (name: String, reason: String?) {
        let health = instance.health
        if health.isBreakerOpen { return ("down", health.lastFailure ?? health.reported?.reason) }
        guard let report = health.reported else { return ("up", nil) }
        return ("\(report.state)", report.state == .up ? nil : report.reason)
    }
}

extension PluginLog {
    /// Passes a plugin's lines on to the gateway's log, from any thread.
    init(_ log: Logger) {
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
                log.log(level: level.level, "\(message)", metadata: ["instance": "\(instance)"])
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
