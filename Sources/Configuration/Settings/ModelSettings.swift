/// One entry of `model_list`: a deployment that serves a public model name.
public struct ModelSettings: Sendable, Hashable {
    /// A request header to add.
    public struct Header: Sendable, Hashable, CustomStringConvertible {
        /// The name of the field.
        public let name: String
        /// May carry a credential: never log it.
        public let value: String

        /// A field whose name is a token and whose value has no line break.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        public var description: String { "\(name): <redacted>" }
    }

    /// `model_name`: what clients ask for. Entries with the same name share its load.
    public var name: String
    /// `model`: provider and model, `openai/gpt-4o`.
    public var model: String
    /// `api_base` or `base_url`.
    public var apiBase: String?
    /// The key that is sent to the server. Where it is nil, the environment may name one; otherwise none is sent.
    public var apiKey: Secret?
    /// The `api-version` of Azure.
    public var apiVersion: String?
    /// The value of `openai-organization`.
    public var organization: String?
    /// The total time a request may take, in seconds.
    public var timeout: Double?
    /// The same for streamed requests, in seconds.
    public var streamTimeout: Double?
    /// How often a request is tried again. The setting for all models counts where this is nil.
    public var maxRetries: Int?
    /// The share of the load, against the weights of the same name's other entries: `weight`, else `rpm`.
    public var weight: Int?
    /// Requests that it is sent at a time.
    public var maxParallelRequests: Int?
    /// `headers`, then `extra_headers`.
    public var extraHeaders: [Header]
    /// Answered instead of asking a provider: a text, or JSON.
    public var mockResponse: ConfigurationValue?
    /// Where the entry stands.
    public var position: SourcePosition
    /// Where the values of `model_name` and of the members of `litellm_params` stand.
    public var memberPositions: [String: SourcePosition]

    /// Where the value of a member stands; the entry's place where the member is not given.
    public func position(of member: String) -> SourcePosition { memberPositions[member] ?? position }

    /// An entry of `model_list`; what it does not say is nil.
    public init(
        name: String,
        model: String,
        apiBase: String? = nil,
        apiKey: Secret? = nil,
        apiVersion: String? = nil,
        organization: String? = nil,
        timeout: Double? = nil,
        streamTimeout: Double? = nil,
        maxRetries: Int? = nil,
        weight: Int? = nil,
        maxParallelRequests: Int? = nil,
        extraHeaders: [Header] = [],
        mockResponse: ConfigurationValue? = nil,
        position: SourcePosition,
        memberPositions: [String: SourcePosition] = [:]
    ) {
        self.name = name
        self.model = model
        self.apiBase = apiBase
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.organization = organization
        self.timeout = timeout
        self.streamTimeout = streamTimeout
        self.maxRetries = maxRetries
        self.weight = weight
        self.maxParallelRequests = maxParallelRequests
        self.extraHeaders = extraHeaders
        self.mockResponse = mockResponse
        self.position = position
        self.memberPositions = memberPositions
    }
}
