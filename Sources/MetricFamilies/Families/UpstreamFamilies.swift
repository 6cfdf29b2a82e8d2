extension MetricFamily {
    /// Calls to models.
    public enum Upstream {
        /// `gateway_upstream_duration_seconds`
        public static let duration = MetricFamily(
            "gateway_upstream_duration_seconds",
            .histogram(.requestTimes),
            "Time from when a request went to its model to the end of the answer, for requests that made the call.",
            labels: ["model"]
        )
        /// `gateway_upstream_attempts_total`
        public static let attempts = MetricFamily(
            "gateway_upstream_attempts_total",
            .counter,
            "Calls to a deployment, each retry counted.",
            labels: ["model", "deployment"]
        )
        /// `gateway_upstream_failures_total`
        public static let failures = MetricFamily(
            "gateway_upstream_failures_total",
            .counter,
            "Calls to a deployment that failed, by status or kind.",
            labels: ["model", "deployment", "reason"]
        )
        /// `gateway_upstream_cooldowns_total`
        public static let cooldowns = MetricFamily(
            "gateway_upstream_cooldowns_total",
            .counter,
            "How often a deployment left the rotation after failures.",
            labels: ["model", "deployment"]
        )
        /// `gateway_upstream_resting`
        public static let resting = MetricFamily(
            "gateway_upstream_resting",
            .gauge,
            "Whether a deployment rests after failures, so that others of its model are called first.",
            labels: ["model", "deployment"]
        )
        /// `gateway_upstream_calls`
        public static let calls = MetricFamily(
            "gateway_upstream_calls",
            .gauge,
            "Calls to models in progress (underway), and those that wait for their turn (waiting).",
            labels: ["state"]
        )
        /// `gateway_upstream_idle_connections`
        public static let idleConnections = MetricFamily(
            "gateway_upstream_idle_connections",
            .gauge,
            "Open connections to models that are not in use."
        )

        static let all = [duration, attempts, failures, cooldowns, resting, calls, idleConnections]
    }
}
