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

    /// Why operations of a kind are not handed to the plugin for a while.
    public struct Outage: Sendable, Equatable {
        /// The last failure in the backend's words, without secrets. It is for logs and for callers who manage the
        /// gateway.
        public let reason: String
        /// The kind of that failure, `OperationFailure.code` or `start_failed`, which anybody may see.
        public let code: String
    }

    /// Why there are no look-ups. It is nil where there are.
    public let lookups: Outage?
    /// Why nothing is written. It is nil where it is.
    public let writes: Outage?
    /// How often look-ups were stopped after failures.
    public let lookupOpenings: Int
    /// How often writes were stopped after failures.
    public let writeOpenings: Int
    /// Whether the last ping failed.
    public let isSilent: Bool
    /// Why the last pings failed. It is nil where they are answered.
    public let pingFailure: String?
    /// The plugin's latest report, if it made any.
    public let reported: Report?
    /// How often the plugin broke a rule of the interface.
    public let misbehaviourCount: Int
}
