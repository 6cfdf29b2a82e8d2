/// Everything a configuration says, typed and checked. Immutable: a reload makes another one.
public struct Settings: Sendable, Hashable {
    /// `model_list`, in the order of the file.
    public var models: [ModelSettings]
    /// Where the value of `model_list` stands; nil where the file has none.
    public var modelListPosition: SourcePosition?
    /// Nil where caching is off.
    public var cache: CacheSettings?
    /// `general_settings.master_key`, else LITELLM_MASTER_KEY, else GATEWAY_MASTER_KEY.
    public var masterKey: Secret?
    /// `litellm_settings.set_verbose`.
    public var isVerbose: Bool
    /// `litellm_settings.request_timeout`, else `router_settings.timeout`, in seconds.
    public var requestTimeout: Double?
    /// `litellm_settings.num_retries`, else `router_settings.num_retries`.
    public var retries: Int?
    /// What clients may take of the gateway.
    public var clients: ClientSettings
    /// How much is taken on at a time.
    public var limits: LimitSettings

    /// What a file and its environment say.
    public init(
        models: [ModelSettings] = [],
        modelListPosition: SourcePosition? = nil,
        cache: CacheSettings? = nil,
        masterKey: Secret? = nil,
        isVerbose: Bool = false,
        requestTimeout: Double? = nil,
        retries: Int? = nil,
        clients: ClientSettings = ClientSettings(),
        limits: LimitSettings = LimitSettings()
    ) {
        self.models = models
        self.modelListPosition = modelListPosition
        self.cache = cache
        self.masterKey = masterKey
        self.isVerbose = isVerbose
        self.requestTimeout = requestTimeout
        self.retries = retries
        self.clients = clients
        self.limits = limits
    }
}

/// What loading gave: settings as far as they could be read, and everything to be said about them.
public struct LoadedConfiguration: Sendable {
    /// Complete only where `hasErrors` is false.
    public let settings: Settings
    /// Sorted by file, line and column.
    public let diagnostics: [Diagnostic]
    /// The process environment, then `.env` for what it lacks, then `environment_variables` over both.
    /// Holds secrets: never print it.
    public let environment: [String: String]

    /// Whether the settings cannot be used.
    public var hasErrors: Bool { diagnostics.contains(where: \.isError) }

    /// Settings, what is to be said of them, and the environment that they were read in.
    public init(settings: Settings, diagnostics: [Diagnostic], environment: [String: String]) {
        self.settings = settings
        self.diagnostics = diagnostics
        self.environment = environment
    }
}
