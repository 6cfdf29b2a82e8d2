/// The typed and checked content of a configuration. It is immutable: a reload makes a new one.
public struct Settings: Sendable, Hashable {
    /// `model_list`, in the order of the file.
    public var models: [ModelSettings]
    /// The position of the value of `model_list`. It is nil where the file has none.
    public var modelListPosition: SourcePosition?
    /// The settings of the cache. It is nil where caching is off.
    public var cache: CacheSettings?
    /// `general_settings.master_key`, else LITELLM_MASTER_KEY, else GATEWAY_MASTER_KEY.
    public var masterKey: Secret?
    /// `general_settings.keys`, in the order of the file.
    public var keys: [KeySettings]
    /// `litellm_settings.set_verbose`.
    public var isVerbose: Bool
    /// `litellm_settings.request_timeout`, else `router_settings.timeout`, in seconds.
    public var requestTimeout: Double?
    /// `litellm_settings.num_retries`, else `router_settings.num_retries`.
    public var retries: Int?
    /// How requests find their deployments.
    public var routing: RoutingSettings
    /// The limits for clients.
    public var clients: ClientSettings
    /// How much the gateway accepts at a time.
    public var limits: LimitSettings
    /// Which websites may call the gateway. It is nil where none may.
    public var crossOrigin: CrossOriginSettings?
    /// The files with which listeners speak TLS. It is nil where they speak plain HTTP.
    public var tls: TLSSettings?
    /// What is counted, and who may ask for it.
    public var metrics: MetricsSettings

    /// Makes settings from the content of a file and its environment.
    public init(
        models: [ModelSettings] = [],
        modelListPosition: SourcePosition? = nil,
        cache: CacheSettings? = nil,
        masterKey: Secret? = nil,
        keys: [KeySettings] = [],
        isVerbose: Bool = false,
        requestTimeout: Double? = nil,
        retries: Int? = nil,
        routing: RoutingSettings = RoutingSettings(),
        clients: ClientSettings = ClientSettings(),
        limits: LimitSettings = LimitSettings(),
        crossOrigin: CrossOriginSettings? = nil,
        tls: TLSSettings? = nil,
        metrics: MetricsSettings = MetricsSettings()
    ) {
        self.models = models
        self.modelListPosition = modelListPosition
        self.cache = cache
        self.masterKey = masterKey
        self.keys = keys
        self.isVerbose = isVerbose
        self.requestTimeout = requestTimeout
        self.retries = retries
        self.routing = routing
        self.clients = clients
        self.limits = limits
        self.crossOrigin = crossOrigin
        self.tls = tls
        self.metrics = metrics
    }
}

extension Settings {
    /// Whether clients need a key.
    public var requiresKey: Bool { masterKey != nil || !keys.isEmpty }
}

/// The result of loading: the settings as far as they could be read, and all diagnostics about them.
public struct LoadedConfiguration: Sendable {
    /// The settings, which are complete only where `hasErrors` is false.
    public let settings: Settings
    /// The diagnostics, sorted by file, line and column.
    public let diagnostics: [Diagnostic]
    /// The process environment, with variables that it lacks from `.env`, and `environment_variables` over both. It
    /// holds secrets and must not be printed.
    public let environment: [String: String]

    /// What the file says, value by value.
    public let outline: ConfigurationOutline
    /// The files that were read, or would have been if they existed. When one of them changes, the configuration may have
    /// changed.
    public let files: [String]

    /// Whether the configuration has errors, so that the settings cannot be used.
    public var hasErrors: Bool { diagnostics.contains(where: \.isError) }

    /// Makes the result of the settings, the diagnostics about them, and the environment that they were read in.
    init(
        settings: Settings,
        diagnostics: [Diagnostic],
        environment: [String: String],
        outline: ConfigurationOutline,
        files: [String]
    ) {
        self.settings = settings
        self.diagnostics = diagnostics
        self.environment = environment
        self.outline = outline
        self.files = files
    }
}
