/// A cache backend. The host calls its functions as the C interface says: `[hot]` functions on the threads that
/// `PluginDescription.threads` names, `[control]` functions on one host thread at a time, off the event loops.
///
/// An instance lives from `init` to `deinit`, which the host triggers after `shutdown` is done; `deinit` joins the
/// plugin's own threads (rule T-4).
public protocol CachePlugin: AnyObject, Sendable {
    /// [any thread] Checks parameters against one another, without threads, files or network (rule P-1).
    static func validate(_ parameters: Parameters) throws(PluginFailure)

    /// [control] Makes an instance, without waiting for the backend. An instance is made even if its backend is down,
    /// which it reports with `Host.report`.
    init(host: Host, parameters: Parameters) throws(PluginFailure)

    /// [control] Connects and warms up. It is done when the backend is ready.
    func start(_ operation: PlainOperation) -> OperationProgress

    /// [hot] Looks up keys.
    func get(_ operation: GetOperation) -> OperationProgress

    /// [hot] Stores items.
    func set(_ operation: SetOperation) -> OperationProgress

    /// [hot] Removes keys. It needs `Capabilities.delete`.
    func delete(_ operation: DeleteOperation) -> OperationProgress

    /// [hot] Makes a cheap round trip to the backend.
    func ping(_ operation: PlainOperation) -> OperationProgress

    /// [hot] Removes the keys with a prefix. It needs `Capabilities.flush`.
    func flush(_ operation: FlushOperation) -> OperationProgress

    /// [hot] Tells what the plugin's servers say of themselves: the keys are names of reports and the values their texts,
    /// without secrets (`gateway.inquiry/1`). It needs `PluginDescription.answersInquiries`.
    func inquire(_ operation: GetOperation) -> OperationProgress

    /// [hot] Tells the plugin that the host no longer waits for an operation. This is a hint, which may name an
    /// operation that is already complete. The completion is still owed.
    func cancel(_ operation: UInt64)

    /// [any thread] Takes leases back.
    func release(_ leases: Leases)

    /// [any thread] Reports figures from memory, without waiting. It needs `Capabilities.statistics`.
    func report(_ statistics: StatisticsReport)

    /// [control] Refuses new operations, finishes or fails those in flight, waits for outstanding leases, and closes
    /// connections. Then it is done.
    func shutdown(_ operation: PlainOperation) -> OperationProgress
}

extension CachePlugin {
    /// Accepts all parameters.
    public static func validate(_ parameters: Parameters) throws(PluginFailure) {}
    /// There is nothing to connect.
    public func start(_ operation: PlainOperation) -> OperationProgress { .done }
    /// The plugin cannot remove keys.
    public func delete(_ operation: DeleteOperation) -> OperationProgress { .rejected(.unsupported) }
    /// There is no backend to reach.
    public func ping(_ operation: PlainOperation) -> OperationProgress { .done }
    /// The plugin cannot remove the keys with a prefix.
    public func flush(_ operation: FlushOperation) -> OperationProgress { .rejected(.unsupported) }
    /// The plugin has no reports.
    public func inquire(_ operation: GetOperation) -> OperationProgress { .rejected(.unsupported) }
    /// An operation goes on although the host no longer waits for it.
    public func cancel(_ operation: UInt64) {}
    /// The plugin gives no leases.
    public func release(_ leases: Leases) {}
    /// The plugin has no figures.
    public func report(_ statistics: StatisticsReport) {}
    /// There is nothing to end.
    public func shutdown(_ operation: PlainOperation) -> OperationProgress { .done }
}
