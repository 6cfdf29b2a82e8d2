import PluginAPI

/// The promise to complete one pending operation, from any thread (rule O-2).
///
/// It cannot be copied and is consumed by completing, so an operation is never completed twice. One that is dropped
/// unused completes as a defect of the plugin, so an operation is never forgotten. To keep it with the other state of a
/// request, store it as `Completion?` in a class and complete with `completion.take()?.finish()`.
///
/// It is unchecked because of the pointer to the host's error struct, which belongs to the operation until it is
/// completed.
public struct Completion: ~Copyable, @unchecked Sendable {
    private let host: Host
    private let operation: UInt64
    private let error: UnsafeMutablePointer<gw_error>?

    init(host: Host, head: gw_op) {
        self.host = host
        operation = head.id
        error = head.error
    }

    deinit { host.complete(operation, .defect) }

    /// The operation is finished and its results are filled in. The operation must not be touched any more.
    public consuming func finish() {
        host.complete(operation, .ok)
        discard self
    }

    /// The operation failed as a whole. The operation must not be touched any more.
    /// - Parameters:
    ///   - reason: what happened, in one line for the operator without secrets.
    ///   - retryAfter: the time after which trying again may succeed. It is nil where that is not known.
    public consuming func fail(_ status: Status, _ reason: String? = nil, retryAfter: Duration? = nil) {
        if let reason { error?.explain(status, reason, retryAfter: retryAfter) }
        host.complete(operation, status)
        discard self
    }

    /// Withdraws the promise: the operation will be answered by `OperationProgress.done` or `.rejected`.
    public consuming func withdraw() { discard self }
}
