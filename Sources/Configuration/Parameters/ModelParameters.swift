import CallTypes

/// The parameters of an entry of `model_list` that have been read so far.
struct ModelDraft {
    var name: String?
    var params = ParamsDraft()
    var info = ModelInfoDraft()
    var cache: ModelCacheSettings?

    struct ParamsDraft: PricedDraft {
        var model: String?
        var provider: String?
        var apiBase: String?
        var baseURL: String?
        var apiKey: Secret?
        var apiVersion: String?
        var organization: String?
        var timeout: Double?
        var streamTimeout: Double?
        var maxRetries: Int?
        var weight: Int?
        var requestsPerMinute: Int?
        var verification: CertificateVerification?
        var order: Int?
        var azureToken: Secret?
        var maxParallelRequests: Int?
        var parameters: [ConfigurationValue.Member] = []
        var extraBody: [ConfigurationValue.Member] = []
        var mockResponse: ConfigurationValue?
        var headers: [ModelSettings.Header] = []
        var extraHeaders: [ModelSettings.Header] = []
        var prices = PriceSettings()
    }
}

extension Section where Target == ModelDraft {
    /// The parameters of an entry of `model_list`.
    static let model = Section(
        "model_list",
        [
            SectionParameter(
                "model_name",
                "string",
                "What clients ask for. Entries with the same name share its load. A `*` stands for any part of a name. Required."
            ) {
                member,
                draft,
                context in
                draft.name = context.name(member)
            },
            SectionParameter("litellm_params", "mapping", "Where the requests go. Required.", isResolved: false) {
                member,
                draft,
                context in
                Section<ModelDraft.ParamsDraft>.litellmParams.read(member.value, into: &draft.params, context: &context)
            },
            SectionParameter(
                "model_info",
                "mapping",
                "Its `id` identifies the entry in logs and fields. `base_model` and the prices may stand here too; those of "
                    + "`litellm_params` win. The rest has no effect.",
                isResolved: false
            ) { member, draft, context in
                Section<ModelInfoDraft>.modelInfo.read(member.value, into: &draft.info, context: &context)
            },
            SectionParameter(
                "cache",
                "mapping",
                "How the cache is used for the model. Entries of one name say the same, or one of them says it for all.",
                isResolved: false
            ) { member, draft, context in
                var cache = ModelCacheSettings()
                Section<ModelCacheSettings>.modelCache.read(member.value, into: &cache, context: &context)
                draft.cache = cache
            },
        ],
        withoutEffect: LiteLLMKeys.modelEntry
    )
}

extension Section where Target == ModelDraft.ParamsDraft {
    static let litellmParams = Section(
        "litellm_params",
        [
            SectionParameter(
                "model",
                "string",
                "Provider and model: `openai/gpt-4o`, `azure/my-deployment`. A `*` is what the one in `model_name` stands for. "
                    + "Required."
            ) {
                member,
                draft,
                context in
                draft.model = context.name(member)
            },
            .text(
                "custom_llm_provider",
                \.provider,
                "The provider, where the model's name does not begin with it, or begins with another name."
            ),
            .base("api_base", \.apiBase, "The provider's address. Default: the provider's own."),
            .base("base_url", \.baseURL, "Another name of `api_base`, which wins."),
            .secret(
                "api_key",
                \.apiKey,
                "The provider's key. Default: the provider's variable, such as `OPENAI_API_KEY`."
            ),
            .text("api_version", \.apiVersion, "The version that Azure wants in the query."),
            .text("organization", \.organization, "OpenAI's organization."),
            .seconds("timeout", \.timeout, "The total time of a request."),
            .seconds("stream_timeout", \.streamTimeout, "The same for streamed requests."),
            .count("max_retries", \.maxRetries, upTo: 100, "How often a failed request is tried again."),
            .count("weight", \.weight, upTo: 1_000_000, "The entry's share of its name's load."),
            .count(
                "rpm",
                \.requestsPerMinute,
                upTo: 1_000_000_000,
                "Requests that it is sent in a minute. More go to others of its name, else are answered with 429. Taken as "
                    + "`weight` too, where that is not set."
            ),
            .count(
                "order",
                \.order,
                upTo: 1_000_000,
                "Entries of its name with a lower one are asked first, as long as one of them can be. Default: last."
            ),
            .verification(\.verification, "The same as in `litellm_settings`, for this entry."),
            .secret("azure_ad_token", \.azureToken, "Sent to Azure in place of a key. Default: `AZURE_AD_TOKEN`."),
            .count(
                "max_parallel_requests",
                \.maxParallelRequests,
                from: 1,
                upTo: 1_000_000,
                "Requests that it is sent at a time. More go to others of its name, else wait. Default: "
                    + "`router_settings.default_max_parallel_requests`, else 1000."
            ),
            SectionParameter("mock_response", "string or JSON", "Answered instead of asking a provider.") {
                member,
                draft,
                _ in
                draft.mockResponse = member.value.value
            },
            .headers("headers", \.headers, "Request headers to add."),
            .headers("extra_headers", \.extraHeaders, "Request headers to add; they win over `headers`."),
            SectionParameter("extra_body", "mapping", "Members to send where the client does not set them.") {
                member,
                draft,
                context in
                guard case .map(let members) = member.value.value else {
                    return context.error(
                        member.value.position,
                        "'extra_body' in litellm_params must be a mapping, not \(member.value.kind)"
                    )
                }
                draft.extraBody = members
            },
        ] + SectionParameter.prices + ModelParameter.all.map(SectionParameter.sentByDefault),
        withoutEffect: LiteLLMKeys.litellmParams
    )
}

extension ModelDraft {
    /// Returns the settings of the entry. It is nil, and an error is reported, where the entry lacks a required
    /// parameter.
    func settings(of entry: YAMLNode, context: inout ReadingContext) -> ModelSettings? {
        let position = entry.position
        if entry["model_name"] == nil { context.error(position, "this entry of model_list has no 'model_name'") }
        if let params = entry["litellm_params"] {
            if params["model"] == nil { context.error(params.position, "these litellm_params have no 'model'") }
        } else {
            context.error(position, "this entry of model_list has no 'litellm_params'")
        }
        guard let name, let model = params.model else { return nil }
        let overridden = Set(params.extraHeaders.map { $0.name.lowercased() })
        return ModelSettings(
            name: name,
            model: model,
            provider: params.provider,
            apiBase: params.apiBase ?? params.baseURL,
            apiKey: params.apiKey,
            apiVersion: params.apiVersion,
            organization: params.organization,
            timeout: params.timeout,
            streamTimeout: params.streamTimeout,
            maxRetries: params.maxRetries,
            weight: params.weight ?? params.requestsPerMinute,
            verification: params.verification,
            requestsPerMinute: params.requestsPerMinute,
            order: params.order,
            id: info.id,
            azureToken: params.azureToken,
            maxParallelRequests: params.maxParallelRequests,
            parameters: params.parameters,
            extraBody: params.extraBody,
            extraHeaders: params.headers.filter { !overridden.contains($0.name.lowercased()) } + params.extraHeaders,
            mockResponse: params.mockResponse,
            cache: cache,
            prices: params.prices.completed(with: info.prices),
            position: position,
            memberPositions: Self.memberPositions(of: entry)
        )
    }

    private static func memberPositions(of entry: YAMLNode) -> [String: SourcePosition] {
        var positions: [String: SourcePosition] = [:]
        if case .mapping(let members)? = entry["litellm_params"]?.content {
            for member in members where !member.value.isNull { positions[member.key] = member.value.position }
        }
        positions["api_base"] = positions["api_base"] ?? positions["base_url"]
        positions["model_name"] = entry["model_name"]?.position
        positions["cache"] = entry["cache"]?.position
        return positions
    }
}

extension SectionParameter where Target == ModelDraft.ParamsDraft {
    /// A member of requests, with any value.
    fileprivate static func sentByDefault(_ parameter: ModelParameter) -> SectionParameter {
        let others = parameter.alternatives.map { " or `\($0)`" }.joined()
        return SectionParameter(parameter.name, "JSON", "Sent where the client does not set it\(others).") {
            member,
            draft,
            _ in
            draft.parameters.append(ConfigurationValue.Member(key: parameter.name, value: member.value.value))
        }
    }

    /// The address of a provider, to which the gateway adds the path of each call.
    fileprivate static func base(
        _ name: String,
        _ path: any WritableKeyPath<Target, String?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "string", meaning) { member, target, context in
            guard let base = context.text(member) else { return }
            target[keyPath: path] = base
            var address = base.prefix { $0 != "?" }
            while address.last == "/" { address.removeLast() }
            for ending in ["/chat/completions", "/completions", "/embeddings"] where address.hasSuffix(ending) {
                return context.warn(
                    member.value.position,
                    "'\(name)' in litellm_params ends in \(ending), which the gateway adds by itself; leave it out"
                )
            }
        }
    }
}
