/// The health of an instance, for /health/readiness and /cache/ping.
public struct PluginHealth: Sendable, Equatable {
    /// The health of the backend as the plugin reports it (`GW_HEALTH_...`).
    public enum State: UInt32, Sendable {
        case up = 0
        case degraded, down
    }

    /// The plugin's own report.
    public struct Report: Sendable, Equatable {
        /// The state that the plugin reports.
        public let state: State
        /// The reason, without secrets.
        public let reason: String
    }

    /// Whether the backend has failed too often and is not called for a while.
    public let isBreakerOpen: Bool
    /// The last failure in the backend's words, without secrets. It is for logs and for callers who manage the gateway.
    public let lastFailure: String?
    /// The kind of that failure, `OperationFailure.code`, which anybody may see.
    public let lastFailureCode: String?
    /// The plugin's latest report, if it made any.
    public let reported: Report?
    /// How often the plugin broke a rule of the interface.
    public let misbehaviourCount: Int
}
