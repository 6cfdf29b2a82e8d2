extension MetricFamily {
    /// Clients' requests.
    public enum Requests {
        /// `gateway_requests_total`
        public static let total = MetricFamily(
            "gateway_requests_total",
            .counter,
            "Requests that have ended, by what the cache did: hit, stale, miss, coalesced, bypass, or none where it had no part.",
            labels: ["endpoint", "model", "key", "status", "cache"]
        )
        /// `gateway_request_duration_seconds`
        public static let duration = MetricFamily(
            "gateway_request_duration_seconds",
            .histogram(.requestTimes),
            "Time from a request's head to the end of its answer.",
            labels: ["endpoint", "cache"]
        )
        /// `gateway_time_to_first_token_seconds`
        public static let firstToken = MetricFamily(
            "gateway_time_to_first_token_seconds",
            .histogram(.requestTimes),
            "Time from a streamed request's head to the first piece of its answer.",
            labels: ["model", "cache"]
        )
        /// `gateway_time_between_tokens_seconds`
        public static let betweenTokens = MetricFamily(
            "gateway_time_between_tokens_seconds",
            .histogram(.pieceTimes),
            "Mean time between the pieces of a streamed answer, one value for each answer with two or more.",
            labels: ["model", "cache"]
        )
        /// `gateway_coalesced_requests_total`
        public static let coalesced = MetricFamily(
            "gateway_coalesced_requests_total",
            .counter,
            "Requests that shared the call of an identical request instead of making one.",
            labels: ["model"]
        )
        /// `gateway_unfinished_requests_total`
        public static let unfinished = MetricFamily(
            "gateway_unfinished_requests_total",
            .counter,
            "Requests whose answer is not whole: the client left (client_gone), or the answer was cut off (cut_off).",
            labels: ["endpoint", "reason"]
        )
        /// `gateway_received_bytes_total`
        public static let received = MetricFamily(
            "gateway_received_bytes_total",
            .counter,
            "Bytes in the bodies of requests that have ended.",
            labels: ["endpoint"]
        )
        /// `gateway_sent_bytes_total`
        public static let sent = MetricFamily(
            "gateway_sent_bytes_total",
            .counter,
            "Bytes of answers that were sent, with their heads.",
            labels: ["endpoint"]
        )

        static let all = [
            total, duration, firstToken, betweenTokens, coalesced, unfinished, received, sent,
        ]
    }

    /// What answers cost, and what the cache saved.
    public enum Usage {
        /// `gateway_spent_tokens_total`
        public static let spentTokens = MetricFamily(
            "gateway_spent_tokens_total",
            .counter,
            "Tokens of the answers that models made, as the providers report them, by type: input or output.",
            labels: ["model", "key", "type"]
        )
        /// `gateway_saved_tokens_total`
        public static let savedTokens = MetricFamily(
            "gateway_saved_tokens_total",
            .counter,
            "Tokens that were not bought, because the answer came from the cache or from another request's call.",
            labels: ["model", "key", "type"]
        )
        /// `gateway_spent_dollars_total`
        public static let spentDollars = MetricFamily(
            "gateway_spent_dollars_total",
            .counter,
            "What the spent tokens cost, at the configured or known prices; tokens without a price count nothing.",
            labels: ["model", "key"]
        )
        /// `gateway_saved_dollars_total`
        public static let savedDollars = MetricFamily(
            "gateway_saved_dollars_total",
            .counter,
            "What the saved tokens would have cost, at the configured or known prices.",
            labels: ["model", "key"]
        )
        /// `gateway_provider_cached_tokens_total`
        public static let providerCached = MetricFamily(
            "gateway_provider_cached_tokens_total",
            .counter,
            "Input tokens among the spent ones that the provider read from its own prompt cache (cached_tokens).",
            labels: ["model", "key"]
        )

        static let all = [spentTokens, savedTokens, spentDollars, savedDollars, providerCached]
    }
}
