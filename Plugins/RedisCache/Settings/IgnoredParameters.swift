/// Arguments of redis-py's clients and of LiteLLM that have no meaning here, with the reasons. They are accepted with a
/// warning, so that a LiteLLM file works unchanged.
enum IgnoredParameters {
    static let all: [(name: String, reason: String)] =
        named(
            "it is about Python's text handling, and entries are bytes",
            ["encoding", "encoding_errors", "charset", "errors", "decode_responses", "protocol"]
        )
        + named(
            "the gateway answers from upstream instead of trying the cache again",
            ["retry", "retry_on_timeout", "retry_on_error", "cluster_error_retry_attempts", "max_attempts"]
        )
        + named(
            "connections are shared and pipelined, and there is no pool to tune",
            [
                "connection_pool", "connection_class", "connection_pool_class", "connection_pool_class_kwargs",
                "auto_close_connection_pool", "single_connection_client", "max_idle_time", "timeout", "queue_class",
                "socket_read_size", "parser_class", "command_packer", "client_cache", "cache", "cache_config",
                "event_dispatcher", "maint_notifications_config", "redis_flush_size",
            ]
        )
        + named(
            "the gateway probes the server every few seconds by itself",
            ["health_check_interval", "socket_keepalive_options", "socket_type"]
        )
        + named("the gateway names itself by client_name", ["lib_name", "lib_version", "driver_info"])
        + named(
            "the cluster's layout is followed without settings",
            [
                "cluster_mode", "require_full_coverage", "skip_full_coverage_check", "reinitialize_steps",
                "read_from_replicas", "readonly_mode", "dynamic_startup_nodes", "load_balancing_strategy",
                "address_remap", "cluster_response_callbacks", "nodemanager_follow_cluster", "host_port_remap",
            ]
        )
        + named(
            "the sentinels are asked with sentinel_password and the TLS settings alone",
            ["sentinel_kwargs", "min_other_sentinels", "force_master_ip", "check_connection", "is_master"]
        )
        + named(
            "revocation is not checked; use a private authority where that matters",
            [
                "ssl_validate_ocsp", "ssl_validate_ocsp_stapled", "ssl_ocsp_context", "ssl_ocsp_expected_cert",
                "ssl_include_verify_flags", "ssl_exclude_verify_flags",
            ]
        )
        + named(
            "log-in by a cloud's tokens is not supported; give username and password",
            [
                "credential_provider", "redis_connect_func", "gcp_service_account", "gcp_ssl_ca_certs",
                "azure_redis_ad_token", "azure_client_id", "azure_tenant_id", "azure_client_secret",
            ]
        )

    private static func named(_ reason: String, _ names: [String]) -> [(name: String, reason: String)] {
        names.map { ($0, reason) }
    }
}
