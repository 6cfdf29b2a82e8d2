/// What a plugin tells the host about itself before any instance exists (`gw_plugin`).
public struct PluginDescription: Sendable {
    /// Equals `cache_params.type` and the middle of the file's name, `libgateway-cache-<type>.so`.
    public var type: String
    /// The plugin's own version.
    public var version: String
    /// One line.
    public var summary: String
    /// Who made it. It is nil where that is not told.
    public var vendor: String?
    /// Its license. It is nil where that is not told.
    public var license: String?
    /// The address of its documentation. It is nil where there is none.
    public var documentation: String?
    /// What it can do beyond get and set.
    public var capabilities: Capabilities
    /// On which threads the host may call it.
    public var threads: ThreadModel
    /// Items per operation; 0: no limit. The host splits larger batches.
    public var maxBatch: UInt32
    /// The longest key, in bytes; 0: no limit.
    public var maxKey: UInt32
    /// The largest value, in bytes; 0: no limit.
    public var maxValue: UInt64
    /// The time to live, in milliseconds, of entries that neither request nor configuration give one; 0: none.
    public var defaultTTLMilliseconds: UInt64
    /// What it can be configured with.
    public var parameters: [Parameter]

    /// What is not given is not told, or has no limit.
    public init(
        type: String,
        version: String,
        summary: String,
        vendor: String? = nil,
        license: String? = nil,
        documentation: String? = nil,
        capabilities: Capabilities,
        threads: ThreadModel,
        maxBatch: UInt32 = 0,
        maxKey: UInt32 = 0,
        maxValue: UInt64 = 0,
        defaultTTLMilliseconds: UInt64 = 0,
        parameters: [Parameter] = []
    ) {
        self.type = type
        self.version = version
        self.summary = summary
        self.vendor = vendor
        self.license = license
        self.documentation = documentation
        self.capabilities = capabilities
        self.threads = threads
        self.maxBatch = maxBatch
        self.maxKey = maxKey
        self.maxValue = maxValue
        self.defaultTTLMilliseconds = defaultTTLMilliseconds
        self.parameters = parameters
    }
}
