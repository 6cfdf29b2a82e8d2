import CallTypes

/// How LiteLLM's keys are taken here, as far as the tables that drive the parsing do not tell: which of the parameters are
/// LiteLLM's, and what differs.
enum LiteLLMComparison {
    /// What is known of the keys of one section.
    struct Keys {
        /// LiteLLM's keys that have an effect here. Every other parameter of the section is the gateway's own.
        let known: Set<String>
        /// What differs, and what to do in place of a key without effect.
        let notes: [String: String]

        init(_ known: [String], _ notes: [String: String]) {
            self.known = Set(known)
            self.notes = notes
        }
    }

    static let file = Keys(
        ["environment_variables", "model_list", "litellm_settings", "general_settings", "router_settings"],
        [
            "environment_variables":
                "The file and the parameters that have variables see them; the process's own are not set.",
            "credential_list": "Write the key into each entry, or use a YAML anchor.",
            "guardrails": "Requests and answers are passed on as they are; check them before or behind the gateway.",
            "include": "One file has everything; make it from parts before.",
        ]
    )

    static let model = Keys(
        ["model_name", "litellm_params", "model_info"],
        [
            "model_info": "`id`, `base_model` and the prices have their effect. The rest has none.",
            "access_groups": "`models` of an entry of `general_settings.keys` says what a key is for.",
            "rpm": "Put it into `litellm_params`.",
            "tpm": "Tokens are not limited; `litellm_params.rpm` limits requests.",
            "weight": "Put it into `litellm_params`.",
        ]
    )

    static let litellmParams = Keys(
        [
            "model", "custom_llm_provider", "api_base", "base_url", "api_key", "api_version", "organization", "timeout",
            "stream_timeout", "max_retries", "weight", "rpm", "order", "ssl_verify", "azure_ad_token",
            "max_parallel_requests", "mock_response", "headers", "extra_headers", "extra_body",
            "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost",
            "cache_creation_input_token_cost", "base_model",
        ] + ModelParameter.all.map(\.name),
        [
            "model":
                "A provider that does not speak OpenAI's or Anthropic's protocol (`bedrock`, `vertex_ai`, …) is not "
                + "supported: the model is disabled with a warning, and the others serve.",
            "api_key":
                "A key from the environment is sent to the provider's own address only; for another one, name it "
                + "with `os.environ/NAME`.",
            "max_parallel_requests": "Requests beyond it wait for `queue_timeout`, instead of being refused at once.",
            "stream_timeout": "The time to the first byte of a stream, and between two bytes.",
            "rpm": "Counted by each gateway for itself.",
            "mock_response": "The special texts that LiteLLM takes for errors are answered as they are.",
            "num_retries": "`litellm_settings.num_retries` is for all models.",
            "tpm": "Tokens are not limited; `rpm` limits requests.",
            "drop_params": "Members go to the provider as the client sent them.",
            "additional_drop_params": "Members go to the provider as the client sent them.",
            "cooldown_time": "`router_settings.cooldown_time` is for all models.",
            "tags": "Requests are not routed by tags.",
            "fallbacks": "`router_settings.fallbacks` names them for each model.",
            "caching_groups": "`router_settings.caching_groups` lists them.",
            "cache_control_injection_points": "Clients mark what their provider is to cache; it is passed on.",
            "litellm_credential_name": "Write the key into each entry, or use a YAML anchor.",
            "aws_access_key_id": "Bedrock is not supported.", "aws_secret_access_key": "Bedrock is not supported.",
            "aws_region_name": "Bedrock is not supported.",
            "vertex_project": "Vertex AI is not supported; `gemini/…` is.",
            "vertex_location": "Vertex AI is not supported; `gemini/…` is.",
            "vertex_credentials": "Vertex AI is not supported; `gemini/…` is.",
        ]
    )

    static let litellmSettings = Keys(
        [
            "cache", "cache_params", "set_verbose", "request_timeout", "num_retries", "allowed_fails", "ssl_verify",
            "cooldown_time", "fallbacks", "default_fallbacks", "context_window_fallbacks", "callbacks",
            "success_callback", "failure_callback", "service_callback", "require_auth_for_metrics_endpoint",
            "json_logs",
            "turn_off_message_logging", "force_ipv4",
        ],
        [
            "cache": "Without `type` it takes Redis where the environment names one or `cache_params` has Redis' "
                + "parameters, else memory; LiteLLM takes memory as soon as there are any `cache_params`.",
            "set_verbose": "The log has debug lines. Requests and answers are in none.",
            "request_timeout": "Default: 600 seconds, for an answer with all its attempts.",
            "num_retries": "Another deployment is tried first.",
            "allowed_fails": "Counts failures in a row, not failures in a minute.",
            "fallbacks": "What a fallback answers is not stored in the cache.",
            "drop_params": "Members go to the provider as the client sent them; one that it does not know is its 400.",
            "callbacks": "`prometheus` is what the gateway does by itself; other services are not called.",
            "success_callback": "`prometheus` is what the gateway does by itself; other services are not called.",
            "failure_callback": "`prometheus` is what the gateway does by itself; other services are not called.",
            "require_auth_for_metrics_endpoint": "Without it, a listener for administration needs no key.",
            "modify_params": "Requests are not changed.",
            "content_policy_fallbacks": "Such an answer is passed on; `fallbacks` is for failures.",
            "json_logs": "The option `--log-format json`.",
            "turn_off_message_logging": "No content is logged in any case.",
            "redact_user_api_key_info": "No key is logged in any case.",
            "default_redis_ttl": "Set `ttl` in `cache_params`.",
            "default_in_memory_ttl": "Set `ttl` in `cache_params`.",
            "default_redis_batch_cache_expiry": "Set `ttl` in `cache_params`.",
            "enable_caching_on_provider_specific_optional_params": "Every member is part of the key in any case.",
            "max_budget": "There are no budgets; `general_settings.keys` limits requests.",
            "budget_duration": "There are no budgets; `general_settings.keys` limits requests.",
            "forward_traceparent_to_llm_provider": "`traceparent` and `tracestate` are always sent on.",
            "custom_provider_map": "A provider's code is not run; its server may be any that speaks OpenAI's protocol.",
            "s3_callback_params": "Answers are not written to a bucket, except by the cache.",
            "model_alias_map": "`router_settings.model_group_alias`.",
            "ssl_certificate": "Name the client certificate at a proxy in front of the provider.",
        ]
    )

    static let cacheParams = Keys(
        [
            "type", "mode", "namespace", "ttl", "default_in_memory_ttl", "default_in_redis_ttl", "supported_call_types",
        ],
        [
            "type": "`local`, `redis` and `s3` are here; `disk` and `memcached` are examples to build; the others are "
                + "refused by name.",
            "namespace": "A request's own `cache.namespace` is below it, and takes no other's place.",
            "ttl": "Without it: 600 seconds in memory and in Redis (LiteLLM: 60 in Redis), and no end in S3.",
            "supported_call_types":
                "`[]` caches nothing. Both of LiteLLM's names, `completion` and `acompletion`, mean "
                + "the same call. Messages, responses, moderations and counts of tokens are cached by default too.",
            "mode": "The same, and `off` for single models.",
        ]
    )

    static let generalSettings = Keys(
        [
            "master_key", "max_parallel_requests", "global_max_parallel_requests", "pass_through_endpoints",
            "forward_client_headers_to_llm_api",
        ],
        [
            "master_key":
                "`LITELLM_MASTER_KEY` and `GATEWAY_MASTER_KEY` in the environment too. Without a key the gateway "
                + "listens on this machine only, unless it is told otherwise.",
            "max_parallel_requests": "Counted for each deployment; requests beyond it wait.",
            "global_max_parallel_requests": "Counted by each gateway for itself; requests beyond it wait.",
            "pass_through_endpoints": "`auth` is true by default; in LiteLLM it is false.",
            "forward_client_headers_to_llm_api": "What is sent on is part of the cache key.",
            "database_url": "There is no database: `general_settings.keys` has the keys, and a reload changes them.",
            "store_model_in_db": "The file has the models; a reload changes them.",
            "custom_auth": "No code is run; a proxy in front of the gateway may decide who is admitted.",
            "enable_jwt_auth": "Keys only; a proxy in front of the gateway may check tokens.",
            "alerting": "Alert on the gateway's metrics.",
            "proxy_batch_write_at": "Nothing is written to a database.",
            "background_health_checks": "Models are not asked for their health; one that fails rests.",
            "health_check_interval": "Models are not asked for their health; one that fails rests.",
            "max_request_size_mb": "Bodies of up to 32 MiB are read.",
            "max_response_size_mb": "`cache_params.max_entry_size` limits what is stored; all sizes are passed on.",
            "allowed_routes": "Administration may have a listener of its own (`--admin-listen`).",
            "admin_only_routes": "Administration is for the master key, and may have a listener of its own.",
            "allowed_ips": "A firewall or a proxy in front of the gateway.",
            "use_azure_key_vault": "Secrets come from the environment or `.env`.",
            "use_aws_secret_manager": "Secrets come from the environment or `.env`.",
            "use_google_kms": "Secrets come from the environment or `.env`.",
            "key_management_system": "Secrets come from the environment or `.env`.",
            "litellm_key_header_name":
                "Keys are taken from `x-litellm-api-key`, `Authorization`, `x-api-key` and `api-key`.",
            "user_api_key_cache_ttl": "Keys are in memory; a reload changes them at once.",
            "completion_model": "`default_deployment` is for requests that name no model.",
            "infer_model_from_keys": "A `*` in `model_name` does that.",
        ]
    )

    static let routerSettings = Keys(
        [
            "timeout", "num_retries", "default_max_parallel_requests", "model_group_alias", "caching_groups",
            "routing_strategy", "allowed_fails", "cooldown_time", "disable_cooldowns", "fallbacks", "default_fallbacks",
            "context_window_fallbacks",
        ],
        [
            "routing_strategy":
                "`simple-shuffle` and `least-busy`; the others are taken for the first, with a warning.",
            "allowed_fails": "Counts failures in a row, not failures in a minute.",
            "cooldown_time": "Doubles with each failure, up to 60 seconds.",
            "caching_groups": "Models that answer alike share entries.",
            "redis_host": "For the cache, `cache_params`. Gateways do not share counts of requests.",
            "redis_port": "For the cache, `cache_params`.", "redis_password": "For the cache, `cache_params`.",
            "redis_url": "For the cache, `cache_params`.",
            "cache_responses": "`litellm_settings.cache`.", "cache_kwargs": "`cache_params`.",
            "enable_pre_call_checks": "`context_window_fallbacks` acts on the provider's answer.",
            "retry_after": "A provider's `Retry-After` is kept to.",
            "retry_policy": "408, 429, 5xx and connections that fail are tried again.",
            "model_group_retry_policy": "408, 429, 5xx and connections that fail are tried again.",
            "enable_tag_filtering": "Requests are not routed by tags.",
            "content_policy_fallbacks": "Such an answer is passed on; `fallbacks` is for failures.",
            "stream_timeout": "`litellm_params.stream_timeout`.",
            "set_verbose": "`litellm_settings.set_verbose`, or `--log-level debug`.",
        ]
    )
}
