/// The description that a plugin gives the host before any instance exists (`gw_plugin`).
public struct PluginDescription: Sendable {
    /// The type, which equals `cache_params.type` and the middle of the file's name, `libgateway-cache-<type>.so`.
    public var type: String
    /// The plugin's own version.
    public var version: String
    /// A description in one line.
    public var summary: String
    /// The vendor. It is nil where none is given.
    public var vendor: String?
    /// The license. It is nil where none is given.
    public var license: String?
    /// The address of its documentation. It is nil where there is none.
    public var documentation: String?
    /// What the plugin supports beyond get and set.
    public var capabilities: Capabilities
    /// The threads on which the host may call the plugin.
    public var threads: ThreadModel
    /// How many threads may call a `.blocking` plugin at once, where 0 means as many as the host likes.
    public var maxThreads: UInt32
    /// The greatest number of items in an operation, where 0 means no limit. The host splits larger batches.
    public var maxBatch: UInt32
    /// The greatest length of a key in bytes, where 0 means no limit.
    public var maxKey: UInt32
    /// The greatest size of a value in bytes, where 0 means no limit.
    public var maxValue: UInt64
    /// The time to live in milliseconds of entries for which neither request nor configuration sets one, where 0 means
    /// none.
    public var defaultTTLMilliseconds: UInt64
    /// Whether it implements `inquire`, the extension `gateway.inquiry/1`.
    public var answersInquiries: Bool
    /// The parameters that the plugin can be configured with.
    public var parameters: [Parameter]

    /// Makes a description. Optional properties are absent by default, and limits are unlimited.
    public init(
        type: String,
        version: String,
        summary: String,
        vendor: String? = nil,
        license: String? = nil,
        documentation: String? = nil,
        capabilities: Capabilities,
        threads: ThreadModel,
        maxThreads: UInt32 = 0,
        maxBatch: UInt32 = 0,
        maxKey: UInt32 = 0,
        maxValue: UInt64 = 0,
        defaultTTLMilliseconds: UInt64 = 0,
        answersInquiries: Bool = false,
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
        self.maxThreads = maxThreads
        self.maxBatch = maxBatch
        self.maxKey = maxKey
        self.maxValue = maxValue
        self.defaultTTLMilliseconds = defaultTTLMilliseconds
        self.answersInquiries = answersInquiries
        self.parameters = parameters
    }
}
