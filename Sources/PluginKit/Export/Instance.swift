public import PluginAPI

/// The object that a `gw_cache` points to. The C functions know this class, and only its subclass knows the plugin, so
/// that a call costs one virtual call and no allocation.
class Instance {
    let host: Host

    init(host: Host) { self.host = host }

    func start(_ operation: PlainOperation) -> OperationProgress { .rejected(.defect) }
    func get(_ operation: GetOperation) -> OperationProgress { .rejected(.defect) }
    func set(_ operation: SetOperation) -> OperationProgress { .rejected(.defect) }
    func delete(_ operation: DeleteOperation) -> OperationProgress { .rejected(.defect) }
    func ping(_ operation: PlainOperation) -> OperationProgress { .rejected(.defect) }
    func flush(_ operation: FlushOperation) -> OperationProgress { .rejected(.defect) }
    func inquire(_ operation: GetOperation) -> OperationProgress { .rejected(.defect) }
    func cancel(_ operation: UInt64) {}
    func release(_ leases: Leases) {}
    func report(_ statistics: StatisticsReport) {}
    func shutdown(_ operation: PlainOperation) -> OperationProgress { .rejected(.defect) }
}

final class Box<Plugin: CachePlugin>: Instance {
    private let plugin: Plugin

    init(host: Host, plugin: Plugin) {
        self.plugin = plugin
        super.init(host: host)
    }

    override func start(_ operation: PlainOperation) -> OperationProgress { plugin.start(operation) }
    override func get(_ operation: GetOperation) -> OperationProgress { plugin.get(operation) }
    override func set(_ operation: SetOperation) -> OperationProgress { plugin.set(operation) }
    override func delete(_ operation: DeleteOperation) -> OperationProgress { plugin.delete(operation) }
    override func ping(_ operation: PlainOperation) -> OperationProgress { plugin.ping(operation) }
    override func flush(_ operation: FlushOperation) -> OperationProgress { plugin.flush(operation) }
    override func inquire(_ operation: GetOperation) -> OperationProgress { plugin.inquire(operation) }
    override func cancel(_ operation: UInt64) { plugin.cancel(operation) }
    override func release(_ leases: Leases) { plugin.release(leases) }
    override func report(_ statistics: StatisticsReport) { plugin.report(statistics) }
    override func shutdown(_ operation: PlainOperation) -> OperationProgress { plugin.shutdown(operation) }
}

extension CachePlugin {
    /// `gw_plugin.create`: makes an instance, or writes the reason why it cannot be made.
    public static func create(
        _ host: UnsafePointer<gw_host>?,
        _ parameters: UnsafePointer<gw_params>?,
        _ error: UnsafeMutablePointer<gw_error>?,
        _ out: UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32 {
        guard let host, let parameters, let out, host.isReadable, parameters.isReadable else {
            return PluginFailure.oldHost.answer(error)
        }
        do throws(PluginFailure) {
            let plugin = try Self(host: Host(host), parameters: Parameters(parameters))
            let instance: Instance = Box(host: Host(host), plugin: plugin)
            out.pointee = OpaquePointer(Unmanaged.passRetained(instance).toOpaque())
            return GW_OK
        } catch let failure {
            return failure.answer(error)
        }
    }

    /// `gw_plugin.validate`: checks parameters, or writes what is wrong.
    public static func validate(
        _ parameters: UnsafePointer<gw_params>?,
        _ error: UnsafeMutablePointer<gw_error>?
    ) -> Int32 {
        guard let parameters, parameters.isReadable else { return PluginFailure.oldHost.answer(error) }
        do throws(PluginFailure) {
            try validate(Parameters(parameters))
            return GW_OK
        } catch let failure {
            return failure.answer(error)
        }
    }
}

extension PluginFailure {
    /// The reason why a host is refused whose structs are too short (rule L-1).
    static let oldHost = PluginFailure(.invalid, "the host is older than version 1.0 of the plugin interface")

    /// Writes the reason, and returns the status of the call.
    func answer(_ error: UnsafeMutablePointer<gw_error>?) -> Int32 {
        error?.explain(status, message, parameter: parameter, retryAfter: retryAfter)
        return status.rawValue < 0 ? status.rawValue : GW_EINTERNAL
    }
}
