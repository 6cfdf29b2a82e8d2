/// How an instance is doing, for /health/readiness and /cache/ping.
public struct PluginHealth: Sendable, Equatable {
    /// What the plugin says of its backend (`GW_HEALTH_...`).
    public enum State: UInt32, Sendable {
        case up = 0
        case degraded, down
    }

    /// The plugin's own report.
    public struct Report: Sendable, Equatable {
        public let state: State
        /// Without secrets.
        public let reason: String
    }

    /// Whether the backend is left alone for a while because it failed too often.
    public let isBreakerOpen: Bool
    /// In the backend's words, without secrets: for logs and for callers who manage the gateway.
    public let lastFailure: String?
    /// The kind of that failure, a word of the gateway's own: for everybody.
    public let lastFailureCode: String?
    /// The plugin's latest report, if it made any.
    public let reported: Report?
    /// How often the plugin broke a rule of the interface.
    public let misbehaviourCount: Int
}
