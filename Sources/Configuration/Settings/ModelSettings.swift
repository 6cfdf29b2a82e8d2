/// One entry of `model_list`: a deployment that serves a public model name.
public struct ModelSettings: Sendable, Hashable {
    /// A request header to add.
    public struct Header: Sendable, Hashable, CustomStringConvertible {
        /// The name of the field.
        public let name: String
        /// The value of the field. It may be a credential and must not be logged.
        public let value: String

        /// Makes a field. The name must be a token, and the value must have no line break.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        public var description: String { "\(name): <redacted>" }
    }

    /// `model_name`: the name that clients request. Entries of the same name share its load.
    public var name: String
    /// `model`: provider and model, such as `openai/gpt-4o`.
    public var model: String
    /// `custom_llm_provider`. Where it is nil, the model's name says the provider.
    public var provider: String?
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
    /// The total time a streamed request may take, in seconds.
    public var streamTimeout: Double?
    /// How often a request is tried again. If it is nil, the setting for all models applies.
    public var maxRetries: Int?
    /// The share of the load, relative to the weights of other entries of the same name: `weight`, else `rpm`.
    public var weight: Int?
    /// `ssl_verify`. If it is nil, the setting for all models applies.
    public var verification: CertificateVerification?
    /// `rpm`: how many requests the deployment is sent in a minute.
    public var requestsPerMinute: Int?
    /// The place in the order of the entries of the same name: those with a lower one are asked first.
    public var order: Int?
    /// `model_info.id`: what identifies the entry in logs and fields.
    public var id: String?
    /// `azure_ad_token`: what is sent to Azure in place of a key.
    public var azureToken: Secret?
    /// How many requests the deployment is sent at a time.
    public var maxParallelRequests: Int?
    /// The model parameters that are sent where the client does not set them, in no order.
    public var parameters: [ConfigurationValue.Member]
    /// The members of `extra_body`.
    public var extraBody: [ConfigurationValue.Member]
    /// The headers of `headers`, followed by those of `extra_headers`.
    public var extraHeaders: [Header]
    /// The answer that is given instead of calling a provider: a text, or JSON.
    public var mockResponse: ConfigurationValue?
    /// How the cache is used for the model. It is nil where the entry does not say.
    public var cache: ModelCacheSettings?
    /// What the model's tokens cost.
    public var prices: PriceSettings
    /// The position of the entry.
    public var position: SourcePosition
    /// The positions of the values of `model_name` and `cache`, and of the members of `litellm_params`.
    public var memberPositions: [String: SourcePosition]

    /// The position of a member's value. It is the entry's position where the member is not given.
    public func position(of member: String) -> SourcePosition { memberPositions[member] ?? position }

    /// Makes an entry of `model_list`. What the entry does not set is nil.
    public init(
        name: String,
        model: String,
        provider: String? = nil,
        apiBase: String? = nil,
        apiKey: Secret? = nil,
        apiVersion: String? = nil,
        organization: String? = nil,
        timeout: Double? = nil,
        streamTimeout: Double? = nil,
        maxRetries: Int? = nil,
        weight: Int? = nil,
        verification: CertificateVerification? = nil,
        requestsPerMinute: Int? = nil,
        order: Int? = nil,
        id: String? = nil,
        azureToken: Secret? = nil,
        maxParallelRequests: Int? = nil,
        parameters: [ConfigurationValue.Member] = [],
        extraBody: [ConfigurationValue.Member] = [],
        extraHeaders: [Header] = [],
        mockResponse: ConfigurationValue? = nil,
        cache: ModelCacheSettings? = nil,
        prices: PriceSettings = PriceSettings(),
        position: SourcePosition,
        memberPositions: [String: SourcePosition] = [:]
    ) {
        self.name = name
        self.model = model
        self.provider = provider
        self.apiBase = apiBase
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.organization = organization
        self.timeout = timeout
        self.streamTimeout = streamTimeout
        self.maxRetries = maxRetries
        self.weight = weight
        self.verification = verification
        self.requestsPerMinute = requestsPerMinute
        self.order = order
        self.id = id
        self.azureToken = azureToken
        self.maxParallelRequests = maxParallelRequests
        self.parameters = parameters
        self.extraBody = extraBody
        self.extraHeaders = extraHeaders
        self.mockResponse = mockResponse
        self.cache = cache
        self.prices = prices
        self.position = position
        self.memberPositions = memberPositions
    }
}
