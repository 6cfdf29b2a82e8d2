import CallTypes

/// What the sections of a file have set so far. The settings are made of it at the end.
struct SettingsDraft {
    var models: [ModelSettings]?
    var modelListPosition: SourcePosition?
    var litellm = LiteLLMDraft()
    var general = GeneralDraft()
    var router = RouterDraft()

    struct LiteLLMDraft {
        var cacheIsOn: Bool?
        var cachePosition: SourcePosition?
        var cache = CacheDraft()
        var isVerbose: Bool?
        var requestTimeout: Double?
        var retries: Int?
        var fallbacks = FallbackDraft()
        var allowedFailures: Int?
        var cooldown: Double?
        var verification: CertificateVerification?
        var metricsRequireKey: Bool?
    }

    struct GeneralDraft {
        var masterKey: Secret?
        var keys: [KeySettings] = []
        var forwardsClientHeaders: Bool?
        var clients = ClientSettings()
        var limits = LimitSettings()
        var defaultDeployment: RoutingSettings.Reference?
        var crossOrigin = CrossOriginDraft()
        var tls = TLSDraft()
        var metrics: Bool?
        var passThroughEndpoints: [PassThroughSettings] = []
    }

    struct RouterDraft {
        var timeout: Double?
        var retries: Int?
        var parallelRequests: Int?
        var aliases: [RoutingSettings.Alias] = []
        var cachingGroups: [[RoutingSettings.Reference]] = []
        var strategy: String?
        var allowedFailures: Int?
        var cooldown: Double?
        var hasNoCooldowns: Bool?
        var fallbacks = FallbackDraft()
    }
}

extension SettingsDraft {
    /// Variables that name the master key where the file does not.
    private static let masterKeyVariables = ["LITELLM_MASTER_KEY", "GATEWAY_MASTER_KEY"]

    private var routing: RoutingSettings {
        var routing = RoutingSettings()
        routing.aliases = router.aliases
        routing.cachingGroups = router.cachingGroups
        routing.forwardsClientHeaders = general.forwardsClientHeaders ?? false
        routing.verification = litellm.verification
        routing.strategy = router.strategy
        routing.allowedFailures = router.allowedFailures ?? litellm.allowedFailures
        routing.cooldown = router.cooldown ?? litellm.cooldown
        routing.hasNoCooldowns = router.hasNoCooldowns ?? false
        let (first, second) = (router.fallbacks, litellm.fallbacks)
        routing.fallbacks = (first.fallbacks ?? second.fallbacks ?? []) + (first.byDefault ?? second.byDefault ?? [])
        routing.contextWindowFallbacks = first.contextWindow ?? second.contextWindow ?? []
        routing.defaultDeployment = general.defaultDeployment
        routing.passThroughEndpoints = general.passThroughEndpoints
        return routing
    }

    func settings(_ environment: MergedEnvironment, _ calls: CallTable) -> Settings {
        var limits = general.limits
        limits.parallelRequests = router.parallelRequests ?? limits.parallelRequests
        let variable = Self.masterKeyVariables.first(where: environment.isSet)
        return Settings(
            models: models ?? [],
            modelListPosition: modelListPosition,
            cache: litellm.cacheIsOn == true
                ? litellm.cachePosition.map { litellm.cache.settings(enabledAt: $0, environment, calls) } : nil,
            masterKey: general.masterKey ?? variable.flatMap { environment[$0] }.map(Secret.init),
            keys: general.keys,
            isVerbose: litellm.isVerbose ?? false,
            requestTimeout: litellm.requestTimeout ?? router.timeout,
            retries: litellm.retries ?? router.retries,
            routing: routing,
            clients: general.clients,
            limits: limits,
            crossOrigin: general.crossOrigin.settings,
            tls: general.tls.settings,
            metrics: MetricsSettings(isOn: general.metrics ?? true, requiresKey: litellm.metricsRequireKey)
        )
    }
}
