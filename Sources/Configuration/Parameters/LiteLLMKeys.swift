/// The keys of LiteLLM's configuration that are accepted with a warning and have no effect.
enum LiteLLMKeys {
    static let topLevel = [
        "guardrails", "mcp_servers", "mcp_tools", "mcp_aliases", "credential_list", "files_settings",
        "finetune_settings",
        "callback_settings", "assistant_settings", "vector_store_registry", "vector_store_settings", "search_tools",
        "prompts", "policies", "policy_attachments", "include", "agent_list", "agents", "default_vertex_config",
        "worker_config", "health_check_interval",
    ]

    static let modelEntry = ["tpm", "rpm", "weight", "access_groups"]

    static let litellmParams = [
        "stream",
        "stream_options", "metadata",
        "extra_query", "additional_drop_params",
        "allowed_openai_params",
        "tpm", "tags", "mock_delay", "mock_timeout", "mock_tool_calls", "num_retries",
        "cooldown_time",
        "allowed_fails", "max_budget", "budget_duration", "max_file_size_mb", "drop_params",
        "input_cost_per_second", "output_cost_per_second",
        "input_cost_per_request", "input_cost_per_character", "output_cost_per_character", "input_cost_per_pixel",
        "output_cost_per_pixel", "cache_creation_input_token_cost",
        "output_cost_per_reasoning_token", "supports_system_message", "merge_reasoning_content_in_choices",
        "use_in_pass_through", "use_litellm_proxy", "use_chat_completions_api", "model_info",
        "default_api_key_rpm_limit",
        "default_api_key_tpm_limit", "litellm_credential_name", "litellm_trace_id",
        "configurable_clientside_auth_params",
        "initial_prompt_value", "roles", "final_prompt_value", "bos_token", "eos_token", "hf_model_name",
        "cache_control_injection_points", "fallbacks", "context_window_fallback_dict", "caching_groups", "guardrails",
        "prompt_id", "prompt_variables", "azure_ad_token_provider", "azure_scope",
        "azure_username", "azure_password", "tenant_id", "client_id", "client_secret", "aws_access_key_id",
        "aws_secret_access_key", "aws_session_token", "aws_region_name", "aws_profile_name", "aws_role_name",
        "aws_session_name", "aws_web_identity_token", "aws_sts_endpoint", "aws_bedrock_runtime_endpoint",
        "aws_external_id", "s3_bucket_name", "vertex_project", "vertex_location", "vertex_credentials",
        "gcs_bucket_name", "region_name", "watsonx_region_name", "project_id", "space_id", "deployment_id",
        "auto_router_config_path", "auto_router_default_model", "auto_router_embedding_model", "auto_router_config",
        "complexity_router_config", "complexity_router_default_model", "output_vector_size", "keep_alive",
        "vertex_ai_project", "vertex_ai_location", "vertex_ai_credentials", "adaptive_router_config", "silent_model",
        "tag_regex", "vector_store_ids", "model_id",
    ]

    static let litellmSettings = [
        "drop_params", "modify_params", "service_callback",
        "service_callbacks",
        "disable_add_transform_inline_image_block", "enable_key_alias_format_validation",
        "audit_log_callbacks", "content_policy_fallbacks",
        "json_logs", "telemetry", "turn_off_message_logging",
        "redact_user_api_key_info",
        "redact_messages_in_exceptions", "langfuse_default_tags", "force_ipv4", "enable_json_schema_validation",
        "enable_caching_on_provider_specific_optional_params", "disable_copilot_system_to_assistant", "max_budget",
        "budget_duration", "max_user_budget", "max_internal_user_budget", "internal_user_budget_duration",
        "max_end_user_budget", "max_end_user_budget_id", "default_internal_user_params", "default_team_params",
        "default_team_settings", "default_key_generate_params", "upperbound_key_generate_params",
        "key_generation_settings",
        "public_model_groups", "public_model_groups_links", "cost_discount_config", "cost_margin_config",
        "cost_callback", "custom_provider_map", "default_redis_batch_cache_expiry", "default_redis_ttl",
        "default_in_memory_ttl", "enable_redis_auth_cache", "guardrails", "banned_keywords_list", "blocked_user_list",
        "llm_guard_mode", "google_moderation_confidence_threshold", "add_function_to_prompt", "use_client",
        "num_retries_per_request", "request_tags", "ssl_security_level", "ssl_certificate",
        "store_audit_logs", "s3_callback_params", "gcs_pub_sub_use_v1", "datadog_params",
        "datadog_llm_observability_params",
        "generic_api_use_v1", "prometheus_initialize_budget_metrics",
        "prometheus_metrics_config", "custom_prometheus_metadata_labels", "custom_prometheus_tags",
        "prometheus_emit_stream_label", "enable_end_user_cost_tracking_prometheus_only",
        "disable_end_user_cost_tracking",
        "disable_end_user_cost_tracking_prometheus_only", "extra_spend_tag_headers",
        "add_user_information_to_llm_headers",
        "forward_traceparent_to_llm_provider", "use_chat_completions_url_for_anthropic_messages", "mcp_aliases",
        "tag_budget_config",
        "priority_reservation", "priority_reservation_settings", "store_model_in_db", "suppress_debug_info",
        "disable_hf_tokenizer_download", "disable_add_prefix_to_prompt", "disable_aiohttp_transport",
        "include_cost_in_streaming_usage", "always_include_stream_usage", "reasoning_auto_summary", "model_alias_map",
        "drop_unknown_params", "user_header_mappings", "user_header_name", "openai_key", "api_key", "api_base",
        "organization", "headers", "proxy_auth", "vertex_project", "vertex_location", "aws_sqs_callback_params",
        "image_generation_model", "check_provider_endpoint", "validate_environment", "enable_preview_features",
        "return_response_headers", "ui_theme_config", "network_mock", "background_streaming_cost_callback_processing",
        "default_max_internal_user_budget", "post_call_rules", "pre_call_rules", "input_callback",
        "model_group_settings", "azure_content_safety_params", "global_prompt_directory", "prompt_injection_params",
        "enable_azure_ad_token_refresh",
    ]

    static let generalSettings = [
        "database_url", "database_type", "database_args", "database_connection_pool_limit",
        "database_connection_timeout", "database_connection_pool_timeout", "database_socket_timeout", "alerting",
        "alerting_threshold", "alerting_args", "alert_types", "alert_to_webhook_url", "spend_report_frequency",
        "completion_model", "disable_spend_logs", "disable_spend_updates", "disable_master_key_return",
        "disable_retry_on_max_parallel_request_limit_error", "disable_reset_budget",
        "disable_adding_master_key_hash_to_db",
        "disable_error_logs", "disable_prisma_schema_update", "disable_responses_id_security",
        "user_mcp_management_mode", "litellm_license",
        "use_client_credentials_pass_through_routes", "enable_jwt_auth", "litellm_jwtauth",
        "enforce_user_param",
        "enforced_params", "allowed_routes", "admin_only_routes", "public_routes", "use_google_kms",
        "use_azure_key_vault",
        "use_aws_secret_manager", "key_management_system", "key_management_settings", "custom_auth",
        "custom_auth_run_common_checks",
        "custom_key_generate", "custom_sso", "custom_ui_sso_sign_in_handler",
        "max_request_size_mb", "max_response_size_mb", "infer_model_from_keys",
        "background_health_checks", "health_check_interval", "health_check_details", "health_check_concurrency",
        "use_shared_health_check", "store_model_in_db", "store_prompts_in_spend_logs",
        "maximum_spend_logs_retention_period",
        "maximum_spend_logs_retention_interval", "maximum_spend_logs_cleanup_cron", "proxy_batch_write_at",
        "proxy_batch_polling_interval", "proxy_budget_rescheduler_min_time", "proxy_budget_rescheduler_max_time",
        "proxy_config_reload_interval", "ui_access_mode", "ui_username", "ui_password", "salt_key",
        "default_team_disabled",
        "allow_user_auth", "allow_requests_on_db_unavailable", "allow_client_side_credentials", "allowed_ips",
        "use_x_forwarded_for", "mcp_trusted_proxy_ranges", "mcp_internal_ip_ranges", "service_account_settings",
        "image_generation_model", "embedding_model", "moderation_model", "user_header_name",
        "user_header_mappings", "user_api_key_cache_ttl", "token_rate_limit_type", "always_include_stream_usage",
        "forward_openai_org_id", "forward_llm_provider_auth_headers",
        "reject_clientside_metadata_tags",
        "supported_db_objects", "litellm_key_header_name", "control_plane_url", "role_permissions",
        "use_redis_transaction_buffer",
        "search_tools", "proxy_admin_email", "enable_public_model_hub", "health_check_ignore_non_chat_models",
        "block_robots", "turn_off_message_logging", "require_end_user_mcp_access_defined", "experimental_ui_login",
        "dynamic_rate_limiting", "auto_redirect_ui_login_to_sso", "enable_oauth2_auth", "enable_oauth2_proxy_auth",
        "oauth2_config_mappings", "url_validation", "otel", "proxy_base_url",
    ]

    static let routerSettings = [
        "routing_strategy_args", "content_policy_fallbacks", "max_fallbacks", "redis_host",
        "redis_port",
        "redis_password", "redis_url", "redis_db", "redis_ssl", "cache_responses", "cache_kwargs",
        "client_ttl",
        "allowed_fails_policy", "retry_after", "retry_policy",
        "model_group_retry_policy", "max_retries", "stream_timeout", "enable_pre_call_check", "enable_pre_call_checks",
        "optional_pre_call_checks",
        "enable_tag_filtering", "tag_filtering_match_any", "set_verbose", "debug_level", "alerting_config",
        "default_litellm_params", "default_priority", "polling_interval",
        "provider_budget_config", "assistants_config", "router_general_settings", "search_tools", "guardrail_list",
        "ignore_invalid_deployments", "deployment_affinity_ttl_seconds", "enable_weighted_failover", "cache_prefix",
        "num_retries_per_request",
        "model_list", "enable_health_check_routing", "health_check_staleness_threshold",
        "model_group_affinity_config",
    ]

    /// The parameters of LiteLLM's `Cache` that belong to one of its cache types. Parameters of types that have a
    /// plugin here are declared by the plugin; they are listed so that they are known where that plugin is not
    /// installed.
    static let cacheParameterOwners: [(types: [String], names: Set<String>)] = [
        (
            ["redis"],
            [
                "host", "port", "password", "username", "url", "db", "ssl", "unix_socket_path", "max_connections",
                "socket_timeout", "redis_startup_nodes", "startup_nodes", "sentinel_nodes", "sentinel_password",
                "service_name", "redis_flush_size", "gcp_service_account", "gcp_ssl_ca_certs",
            ]
        ),
        (
            ["s3"],
            [
                "s3_bucket_name", "s3_region_name", "s3_api_version", "s3_use_ssl", "s3_verify", "s3_endpoint_url",
                "s3_aws_access_key_id", "s3_aws_secret_access_key", "s3_aws_session_token", "s3_config", "s3_path",
            ]
        ),
        (["gcs"], ["gcs_bucket_name", "gcs_path", "gcs_path_service_account"]),
        (["azure-blob"], ["azure_account_url", "azure_blob_container"]),
        (["disk"], ["disk_cache_dir"]),
        (
            ["redis-semantic"],
            [
                "redis_semantic_cache_embedding_model", "redis_semantic_cache_index_name",
                "redis_semantic_cache_use_async",
            ]
        ),
        (["valkey-semantic"], ["valkey_semantic_cache_embedding_model", "valkey_semantic_cache_index_name"]),
        (
            ["qdrant-semantic"],
            [
                "qdrant_api_base", "qdrant_api_key", "qdrant_collection_name", "qdrant_quantization_config",
                "qdrant_semantic_cache_embedding_model", "qdrant_semantic_cache_vector_size",
            ]
        ),
        (
            ["redis-semantic", "qdrant-semantic"],
            [
                "similarity_threshold", "semantic_cache_embedding_max_input_tokens",
                "semantic_cache_embedding_timeout", "semantic_cache_scope",
            ]
        ),
    ]

    /// Keys that LiteLLM accepts in `cache_params` whatever the type is, with the keys to set here instead.
    static let cacheParametersWithoutEffect: [(name: String, instead: String)] = [
        ("default_redis_ttl", "set 'ttl' or 'default_in_redis_ttl'"),
        ("default_redis_batch_cache_expiry", "set 'ttl'"),
        ("cache_kwargs", "set its members in cache_params itself"),
    ]
}
