/// A cache backend. Its functions are called by the host as the C interface says: `[hot]` ones on the threads that
/// `PluginDescription.threads` names, `[control]` ones by one host thread at a time, off the event loops.
///
/// An instance lives from `init` to `deinit`, which the host triggers after `shutdown` is done; `deinit` joins the
/// plugin's own threads (rule T-4).
public protocol CachePlugin: AnyObject, Sendable {
    /// [any-thread] Checks parameters against one another, without threads, files or network (rule P-1).
    static func validate(_ parameters: Parameters) throws(PluginFailure)

    /// [control] Makes an instance, without waiting for the backend: one whose backend is down is made all the same
    /// and reports it with `Host.report`.
    init(host: Host, parameters: Parameters) throws(PluginFailure)

    /// [control] Connects and warms up; done when the backend is ready.
    func start(_ operation: PlainOperation) -> OperationProgress

    /// [hot] Looks up keys.
    func get(_ operation: GetOperation) -> OperationProgress

    /// [hot] Stores items.
    func set(_ operation: SetOperation) -> OperationProgress

    /// [hot] Removes keys. Needs `Capabilities.delete`.
    func delete(_ operation: DeleteOperation) -> OperationProgress

    /// [hot] A cheap round trip to the backend.
    func ping(_ operation: PlainOperation) -> OperationProgress

    /// [hot] Removes the keys with a prefix. Needs `Capabilities.flush`.
    func flush(_ operation: FlushOperation) -> OperationProgress

    /// [hot] The host has lost interest in an operation: a hint, which may name one that is already complete. The
    /// completion is still owed.
    func cancel(_ operation: UInt64)

    /// [any-thread] Takes leases back.
    func release(_ leases: Leases)

    /// [any-thread] Reports figures from memory, without waiting. Needs `Capabilities.statistics`.
    func report(_ statistics: StatisticsReport)

    /// [control] Refuses what is new, finishes or fails what is in flight, waits for outstanding leases, closes
    /// connections; then it is done.
    func shutdown(_ operation: PlainOperation) -> OperationProgress
}

extension CachePlugin {
    public static func validate(_ parameters: Parameters) throws(PluginFailure) {}
    public func start(_ operation: PlainOperation) -> OperationProgress { .done }
    public func delete(_ operation: DeleteOperation) -> OperationProgress { .rejected(.unsupported) }
    public func ping(_ operation: PlainOperation) -> OperationProgress { .done }
    public func flush(_ operation: FlushOperation) -> OperationProgress { .rejected(.unsupported) }
    public func cancel(_ operation: UInt64) {}
    public func release(_ leases: Leases) {}
    public func report(_ statistics: StatisticsReport) {}
    public func shutdown(_ operation: PlainOperation) -> OperationProgress { .done }
}
