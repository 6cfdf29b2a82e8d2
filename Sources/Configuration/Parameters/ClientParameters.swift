extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    /// Limits for slow clients, and for the number of clients.
    static var clients: [SectionParameter] {
        [
            .seconds(
                "request_head_timeout",
                \.clients.headTimeout,
                "How long the head of a request may take from its first byte, and the first byte of a new connection. "
                    + "Then 408, or a silent close where nothing came. Default: 10."
            ),
            .seconds(
                "request_body_timeout",
                \.clients.bodyTimeout,
                "How long the body of a request may pause. Then 408. Default: 30."
            ),
            SectionParameter(
                "request_body_rate",
                "size",
                "Bytes a second that the body of a request must come at on average, after its first "
                    + "`request_body_timeout`. Else 408. Default: 1KB."
            ) { member, draft, context in
                draft.clients.bodyRate = context.bytes(member)
            },
            .seconds(
                "stalled_client_timeout",
                \.clients.stallTimeout,
                "How long a client may take no byte of an answer that is there for it. Then its connection is closed. "
                    + "One that reads slowly but steadily is never cut off. Default: 60."
            ),
            .seconds(
                "keepalive_timeout",
                \.clients.idleTimeout,
                "How long a connection stays open between requests. Default: 75."
            ),
            .seconds(
                "drain_timeout",
                \.clients.drainTimeout,
                "How long requests in flight may go on once the gateway is told to stop; `--drain-timeout` wins. "
                    + "Default: 25."
            ),
            .seconds(
                "drain_delay",
                \.clients.drainDelay,
                "How long the gateway, once told to stop, serves on while `/health/readiness` answers 503, so that load "
                    + "balancers send it nothing more; `--shutdown-delay` wins. Default: none."
            ),
            .count(
                "max_connections",
                \.clients.maxConnections,
                upTo: 10_000_000,
                "Open connections of all clients; more are answered 503. "
                    + "Default: three quarters of the file descriptors that the process may open."
            ),
            .count(
                "max_connections_per_address",
                \.clients.maxConnectionsPerAddress,
                upTo: 10_000_000,
                "Open connections of one client: an IPv4 address, or a /64 of IPv6; more are answered 503. "
                    + "Default: half of `max_connections`."
            ),
        ]
    }
}
