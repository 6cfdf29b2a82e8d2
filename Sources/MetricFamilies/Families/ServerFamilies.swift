extension MetricFamily {
    /// The server and its process.
    public enum Server {
        /// `gateway_build_info`
        public static let build = MetricFamily(
            "gateway_build_info",
            .gauge,
            "1, with the version of the gateway.",
            labels: ["version"]
        )
        /// `gateway_event_loops`
        public static let loops = MetricFamily("gateway_event_loops", .gauge, "Threads that serve connections.")
        /// `gateway_connections`
        public static let connections = MetricFamily("gateway_connections", .gauge, "Open connections of clients.")
        /// `gateway_connections_limit`
        public static let connectionLimit = MetricFamily(
            "gateway_connections_limit",
            .gauge,
            "How many connections of clients may be open (max_connections)."
        )
        /// `gateway_requests_in_flight`
        public static let inFlight = MetricFamily(
            "gateway_requests_in_flight",
            .gauge,
            "Requests that are being received or answered."
        )
        /// `gateway_streams`
        public static let streams = MetricFamily(
            "gateway_streams",
            .gauge,
            "Requests among these whose answer is a stream of events."
        )
        /// `gateway_memory_budget_bytes`
        public static let budget = MetricFamily(
            "gateway_memory_budget_bytes",
            .gauge,
            "Bytes that requests and answers in progress may take together (memory_limit)."
        )
        /// `gateway_memory_held_bytes`
        public static let held = MetricFamily(
            "gateway_memory_held_bytes",
            .gauge,
            "Bytes that requests and answers in progress take."
        )
        /// `gateway_reloads_total`
        public static let reloads = MetricFamily(
            "gateway_reloads_total",
            .counter,
            "Reloads of the configuration, by result: adopted or refused.",
            labels: ["result"]
        )
        /// `gateway_config_generation`
        public static let generation = MetricFamily(
            "gateway_config_generation",
            .gauge,
            "The number of the configuration in force; the first is 1."
        )
        /// `gateway_config_last_reload_successful`
        public static let lastReload = MetricFamily(
            "gateway_config_last_reload_successful",
            .gauge,
            "Whether the last reload was adopted; 1 where there was none."
        )
        /// `gateway_config_timestamp_seconds`
        public static let since = MetricFamily(
            "gateway_config_timestamp_seconds",
            .gauge,
            "When the configuration in force was made, in seconds since 1970."
        )
        /// `gateway_scrape_late_loops`
        public static let lateLoops = MetricFamily(
            "gateway_scrape_late_loops",
            .gauge,
            "Event loops that did not report in time for this scrape, so that their earlier report is in it."
        )

        static let all = [
            build, loops, connections, connectionLimit, inFlight, streams, budget, held, reloads, generation,
            lastReload,
            since, lateLoops,
        ]
    }

    /// The figures that Prometheus' client libraries give of every process.
    public enum Process {
        /// `process_cpu_seconds_total`
        public static let cpu = MetricFamily(
            "process_cpu_seconds_total",
            .counter,
            "Processor time that the process has used, in seconds."
        )
        /// `process_open_fds`
        public static let descriptors = MetricFamily("process_open_fds", .gauge, "Open file descriptors.")
        /// `process_max_fds`
        public static let descriptorLimit = MetricFamily(
            "process_max_fds",
            .gauge,
            "How many file descriptors may be open."
        )
        /// `process_resident_memory_bytes`
        public static let resident = MetricFamily(
            "process_resident_memory_bytes",
            .gauge,
            "Resident memory of the process."
        )
        /// `process_virtual_memory_bytes`
        public static let virtual = MetricFamily(
            "process_virtual_memory_bytes",
            .gauge,
            "Virtual memory of the process."
        )
        /// `process_threads`
        public static let threads = MetricFamily("process_threads", .gauge, "Threads of the process.")
        /// `process_start_time_seconds`
        public static let start = MetricFamily(
            "process_start_time_seconds",
            .gauge,
            "When the process started, in seconds since 1970."
        )

        static let all = [cpu, descriptors, descriptorLimit, resident, virtual, threads, start]
    }
}
