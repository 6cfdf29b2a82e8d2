import Text

extension Section where Target == SettingsDraft {
    /// The sections of the file. `environment_variables` is read first, since everything after it may refer to what it
    /// exports.
    static let file = Section(
        "",
        [
            SectionParameter(
                "environment_variables",
                "mapping",
                "Exported first, over the environment and `.env`.",
                isResolved: false
            ) { member, _, context in
                context.export(member.value)
            },
            SectionParameter("model_list", "list", "The models that clients may ask for.", isResolved: false) {
                member,
                draft,
                context in
                draft.models = context.models(member.value)
                draft.modelListPosition = member.value.position
            },
            .section(.litellmSettings, \.litellm, "Caching, time limits and retries."),
            .section(.generalSettings, \.general, "Who may use the gateway, and how much at a time."),
            .section(.routerSettings, \.router, "Retries and time limits, for files that keep them here."),
        ],
        withoutEffect: LiteLLMKeys.topLevel
    )
}

extension Section where Target == SettingsDraft.LiteLLMDraft {
    static let litellmSettings = Section(
        "litellm_settings",
        [
            SectionParameter("cache", "boolean", "Whether answers are cached. Default: false.") {
                member,
                draft,
                context in
                draft.cacheIsOn = context.flag(member)
                draft.cachePosition = member.keyPosition
            },
            SectionParameter(
                "cache_params",
                "mapping",
                "How answers are cached. Not looked at where `cache` is false.",
                isResolved: false
            ) { member, draft, context in
                draft.cache.position = member.keyPosition
                if draft.cacheIsOn == false { return }
                if draft.cachePosition == nil {
                    context.warn(
                        member.keyPosition,
                        "'cache_params' has no effect without 'cache: true' in litellm_settings"
                    )
                }
                Section<CacheDraft>.cacheParams.read(member.value, into: &draft.cache, context: &context)
            },
            .flag("set_verbose", \.isVerbose, "Log more."),
            .seconds("request_timeout", \.requestTimeout, "The total time of a request to a provider."),
            .count("num_retries", \.retries, upTo: 100, "How often another deployment is tried."),
            .count(
                "allowed_fails",
                \.allowedFailures,
                upTo: 1_000_000,
                "Taken where `router_settings.allowed_fails` is not set."
            ),
            .verification(
                \.verification,
                "Whether certificates of providers are verified, or a file with the authorities to trust instead of the "
                    + "system's or `SSL_CERT_FILE`'s. Default: true."
            ),
            .seconds("cooldown_time", \.cooldown, "Taken where `router_settings.cooldown_time` is not set."),
        ] + SectionParameter.callbacks + SectionParameter.fallbacks(\.fallbacks),
        withoutEffect: LiteLLMKeys.litellmSettings
    )
}

extension Section where Target == SettingsDraft.GeneralDraft {
    static let generalSettings = Section(
        "general_settings",
        [
            SectionParameter(
                "master_key",
                "secret",
                "What clients must present. Default: `LITELLM_MASTER_KEY`, else `GATEWAY_MASTER_KEY`."
            ) {
                member,
                draft,
                context in
                guard case .scalar(let scalar) = member.value.content, scalar.text.isEmpty else {
                    draft.masterKey = context.text(member).map(Secret.init)
                    return
                }
                context.error(
                    member.value.position,
                    "'master_key' in general_settings is empty; set it, or remove the line"
                )
            },
            .keys,
            .size(
                "memory_limit",
                \.limits.memory,
                from: 32 << 20,
                "What requests and answers under way may take together; `--memory-limit` wins. Default: a quarter of the "
                    + "machine's or the control group's memory."
            ),
            .count(
                "max_parallel_requests",
                \.limits.parallelRequests,
                from: 1,
                upTo: 1_000_000,
                "Taken where `router_settings.default_max_parallel_requests` is not set."
            ),
            .count(
                "global_max_parallel_requests",
                \.limits.globalParallelRequests,
                from: 1,
                upTo: 1_000_000,
                "Requests to all providers together at a time. Default: no more limit than theirs."
            ),
            .count(
                "max_queued_requests",
                \.limits.queuedRequests,
                upTo: 1_000_000,
                "Requests that wait, per model name, while its entries have as many as they take; more are answered with 503. "
                    + "Default: as many as these take."
            ),
            .count(
                "max_embedding_inputs",
                \.limits.embeddingInputs,
                from: 1,
                upTo: 1_000_000,
                "Inputs that an embedding request may have; more are answered with 400. Default: 2048."
            ),
            .count(
                "max_json_values",
                \.limits.jsonValues,
                from: 1_000,
                upTo: 16_000_000,
                "Values and names of members that the JSON of a request may have; more are answered with 413. "
                    + "Default: 1000000."
            ),
            .defaultDeployment,
            .passThroughEndpoints,
            .flag(
                "forward_client_headers_to_llm_api",
                \.forwardsClientHeaders,
                "Whether clients' `x-` headers and `anthropic-beta` are sent to providers. They are part of the cache key, so "
                    + "that a header with a new value in each request makes each a miss. Default: false."
            ),
            .metrics,
            .seconds("queue_timeout", \.limits.queueTimeout, "How long a request waits for its turn. Default: 5."),
        ] + SectionParameter.clients + SectionParameter.crossOrigin + SectionParameter.tls,
        withoutEffect: LiteLLMKeys.generalSettings
    )
}

extension Section where Target == SettingsDraft.RouterDraft {
    static let routerSettings = Section(
        "router_settings",
        [
            .seconds("timeout", \.timeout, "Taken where `litellm_settings.request_timeout` is not set."),
            .count("num_retries", \.retries, upTo: 100, "Taken where `litellm_settings.num_retries` is not set."),
            .count(
                "default_max_parallel_requests",
                \.parallelRequests,
                from: 1,
                upTo: 1_000_000,
                "`max_parallel_requests` of entries that do not say it. Default: 1000."
            ),
            .aliases,
            .cachingGroups,
            .strategy,
            .count(
                "allowed_fails",
                \.allowedFailures,
                upTo: 1_000_000,
                "Failures in a row after which a deployment does not rest yet: others of its name are asked first while it "
                    + "rests. Default: 2."
            ),
            .seconds(
                "cooldown_time",
                \.cooldown,
                "How long it rests. Default: 5, then twice as long each time, up to 60."
            ),
            .flag("disable_cooldowns", \.hasNoCooldowns, "Whether none rests after failures. Default: false."),
        ] + SectionParameter.fallbacks(\.fallbacks),
        withoutEffect: LiteLLMKeys.routerSettings
    )
}

extension ReadingContext {
    fileprivate mutating func models(_ node: YAMLNode) -> [ModelSettings] {
        guard case .sequence(let items) = node.content else {
            error(node.position, "'model_list' must be a list of models, not \(node.kind)")
            return []
        }
        var models: [ModelSettings] = []
        for item in items {
            guard case .mapping = item.content else {
                error(
                    item.position,
                    "an entry of model_list must be a mapping with model_name and litellm_params, not \(item.kind)"
                )
                continue
            }
            var draft = ModelDraft()
            Section<ModelDraft>.model.read(item, into: &draft, context: &self)
            if let model = draft.settings(of: item, context: &self) { models.append(model) }
        }
        return models
    }

    fileprivate mutating func export(_ node: YAMLNode) {
        guard case .mapping(let members) = node.content else {
            return error(
                node.position,
                "'environment_variables' must be a mapping of names to values, not \(node.kind)"
            )
        }
        let outer = place
        place = " in environment_variables"
        defer { place = outer }
        for member in members {
            guard !member.key.isEmpty, !member.key.contains("="), !member.key.utf8.contains(0) else {
                error(member.keyPosition, "'\(member.key.quotable)' cannot be the name of an environment variable")
                continue
            }
            if member.value.isNull {
                environment.export(member.key, "")
            } else if let resolved = resolved(member), case .scalar(let scalar) = resolved.value.content {
                environment.export(member.key, scalar.text)
            } else if case .scalar = member.value.content {
                continue
            } else {
                error(
                    member.value.position,
                    "'\(member.key.quotable)'\(place) must be a string, not \(member.value.kind)"
                )
            }
        }
    }
}
