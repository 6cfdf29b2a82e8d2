extension MetricFamily {
    /// The response cache.
    public enum Cache {
        /// `gateway_cache_misses_total`
        public static let misses = MetricFamily(
            "gateway_cache_misses_total",
            .counter,
            "Requests that were not answered from the cache, by reason: absent, expired, too-old, no-cache, purged, a kind of bypass, or a failure of the backend.",
            labels: ["model", "reason"]
        )
        /// `gateway_cache_lookup_duration_seconds`
        public static let lookup = MetricFamily(
            "gateway_cache_lookup_duration_seconds",
            .histogram(.backendTimes),
            "Time that looking an answer up took.",
            labels: ["cache"]
        )
        /// `gateway_cache_hit_age_seconds`
        public static let age = MetricFamily(
            "gateway_cache_hit_age_seconds",
            .histogram(.ages),
            "How long an answer had been in the cache when it was served.",
            labels: ["model"]
        )
        /// `gateway_cache_stores_total`
        public static let stores = MetricFamily(
            "gateway_cache_stores_total",
            .counter,
            "Answers that requests handed to the backend.",
            labels: ["model"]
        )
        /// `gateway_cache_stores_skipped_total`
        public static let skipped = MetricFamily(
            "gateway_cache_stores_skipped_total",
            .counter,
            "Answers of models that were not stored, by reason.",
            labels: ["model", "reason"]
        )
        /// `gateway_cache_pending_stores`
        public static let pending = MetricFamily(
            "gateway_cache_pending_stores",
            .gauge,
            "Entries that the backend has not confirmed yet."
        )
        /// `gateway_cache_pending_stores_bytes`
        public static let pendingBytes = MetricFamily(
            "gateway_cache_pending_stores_bytes",
            .gauge,
            "Bytes of the entries that the backend has not confirmed yet."
        )
        /// `gateway_cache_flights`
        public static let flights = MetricFamily(
            "gateway_cache_flights",
            .gauge,
            "Calls to models that further requests may join."
        )
        /// `gateway_cache_flight_requests`
        public static let flightRequests = MetricFamily(
            "gateway_cache_flight_requests",
            .gauge,
            "Requests that wait for these calls."
        )
        /// `gateway_cache_purge_marks`
        public static let purgeMarks = MetricFamily(
            "gateway_cache_purge_marks",
            .gauge,
            "Marks of purges that entries are compared with."
        )

        static let all = [
            misses, lookup, age, stores, skipped, pending, pendingBytes, flights, flightRequests, purgeMarks,
        ]
    }

    /// The cache backend: the plugin and what it reports.
    public enum Backend {
        /// `gateway_backend_info`
        public static let info = MetricFamily(
            "gateway_backend_info",
            .gauge,
            "1, with the type of the backend and the version of its plugin.",
            labels: ["backend", "version"]
        )
        /// `gateway_backend_state`
        public static let state = MetricFamily(
            "gateway_backend_state",
            .gauge,
            "1 for the state that the backend is in: up, degraded or down.",
            labels: ["backend", "state"]
        )
        /// `gateway_backend_breaker_open`
        public static let breakerOpen = MetricFamily(
            "gateway_backend_breaker_open",
            .gauge,
            "Whether the backend is left alone for a while after failures, for look-ups and for writes.",
            labels: ["backend", "breaker"]
        )
        /// `gateway_backend_breaker_openings_total`
        public static let breakerOpenings = MetricFamily(
            "gateway_backend_breaker_openings_total",
            .counter,
            "How often a breaker has opened.",
            labels: ["backend", "breaker"]
        )
        /// `gateway_backend_round_trip_seconds`
        public static let roundTrip = MetricFamily(
            "gateway_backend_round_trip_seconds",
            .gauge,
            "How long the last ping took. It is absent where there was none.",
            labels: ["backend"]
        )
        /// `gateway_backend_operations_total`
        public static let operations = MetricFamily(
            "gateway_backend_operations_total",
            .counter,
            "Operations that have ended, by operation: get, set, delete, ping or flush.",
            labels: ["backend", "operation"]
        )
        /// `gateway_backend_errors_total`
        public static let errors = MetricFamily(
            "gateway_backend_errors_total",
            .counter,
            "Operations that failed, and those that were refused before they reached the plugin (breaker_open, busy).",
            labels: ["backend", "operation", "error"]
        )
        /// `gateway_backend_operation_duration_seconds`
        public static let duration = MetricFamily(
            "gateway_backend_operation_duration_seconds",
            .histogram(.backendTimes),
            "Time that an operation took. Of look-ups that the plugin answers within the call, one in 64 is measured.",
            labels: ["backend", "operation"]
        )
        /// `gateway_backend_operations_in_flight`
        public static let inFlight = MetricFamily(
            "gateway_backend_operations_in_flight",
            .gauge,
            "Operations that the plugin has not completed, and look-ups whose leased values are in use.",
            labels: ["backend"]
        )
        /// `gateway_backend_entries`
        public static let entries = MetricFamily(
            "gateway_backend_entries",
            .gauge,
            "Entries in the backend, where its plugin reports them.",
            labels: ["backend"]
        )
        /// `gateway_backend_bytes`
        public static let bytes = MetricFamily(
            "gateway_backend_bytes",
            .gauge,
            "Bytes that the entries take, where the plugin reports them.",
            labels: ["backend"]
        )
        /// `gateway_backend_evictions_total`
        public static let evictions = MetricFamily(
            "gateway_backend_evictions_total",
            .counter,
            "Entries that were removed to make room, where the plugin reports them.",
            labels: ["backend"]
        )
        /// `gateway_backend_statistic`
        public static let statistic = MetricFamily(
            "gateway_backend_statistic",
            .gauge,
            "What the plugin reports of itself that may rise and fall, under the plugin's own names.",
            labels: ["backend", "name"]
        )
        /// `gateway_backend_statistic_total`
        public static let statisticTotal = MetricFamily(
            "gateway_backend_statistic_total",
            .counter,
            "What the plugin counts, under its own names. A backend that replaces another counts anew.",
            labels: ["backend", "name"]
        )
        /// `gateway_backend_misbehaviour_total`
        public static let misbehaviour = MetricFamily(
            "gateway_backend_misbehaviour_total",
            .counter,
            "How often the plugin broke a rule of the interface.",
            labels: ["backend"]
        )

        static let all = [
            info, state, breakerOpen, breakerOpenings, roundTrip, operations, errors, duration, inFlight, entries,
            bytes,
            evictions, statistic, statisticTotal, misbehaviour,
        ]
    }
}
