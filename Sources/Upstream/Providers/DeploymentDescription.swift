public import NIOCore

/// One entry of `model_list`, as plain values.
public struct DeploymentDescription: Sendable {
    /// A member of a JSON object.
    public struct Member: Sendable, Hashable {
        /// The name, without quotes.
        public let name: String
        /// The value, as JSON text.
        public let json: String

        /// Makes a member. The value must be valid JSON.
        public init(name: String, json: String) {
            self.name = name
            self.json = json
        }
    }

    /// The name that clients request. Entries of the same name share the load.
    public var modelName: String
    /// `litellm_params.model`: `provider/model`, or the bare name of an OpenAI model.
    public var model: String
    /// `litellm_params.custom_llm_provider`: the provider, whatever the model's name begins with. Where it is nil, the
    /// name says it.
    public var provider: String?
    /// The base URL. Where it is nil, the provider's is used.
    public var apiBase: String?
    /// The key that is sent to the server. Where it is nil, the environment may have one. Otherwise none is sent.
    public var apiKey: String?
    /// The `api-version` of Azure.
    public var apiVersion: String?
    /// The value of `openai-organization`.
    public var organization: String?
    /// How long one attempt may take as a whole.
    public var timeout: TimeAmount?
    /// The greatest time that a stream may take to its first byte, and between two bytes.
    public var streamTimeout: TimeAmount?
    /// How often a request is tried again. Where it is nil, the setting for all models applies.
    public var maxRetries: Int?
    /// The share of the load, in proportion to the other deployments of the model. It is 1 where it is nil. A
    /// deployment with the share 0 is called only if no other can be.
    public var weight: Double?
    /// `ssl_verify`: which certificate the server needs. Where it is nil, the setting for all models applies.
    public var trust: ServerTrust?
    /// `rpm`: how many calls it takes in a minute. There is no limit where it is nil or 0.
    public var requestsPerMinute: Int?
    /// Its place in the order of the group's deployments. Those with a lower one are called as long as one of them can be.
    public var order: Int?
    /// `model_info.id`: what identifies the deployment in logs and fields. Where it is nil, it is made of what determines
    /// the answers.
    public var id: String?
    /// `azure_ad_token`: a token that is sent in place of a key.
    public var token: String?
    /// How many calls it takes at a time. Where it is nil, the setting for all deployments applies.
    public var maxParallelRequests: Int?
    /// The model parameters (`ModelParameter`) that are sent where the client does not set them.
    public var parameters: [Member]
    /// The members of `extra_body`, which are sent in the same way.
    public var extraBody: [Member]
    /// Fields that are added to every request.
    public var extraHeaders: [(name: String, value: String)]
    /// The answer that is given without a network, if any.
    public var mockResponse: MockResponse?
    /// What its tokens cost. Where it says nothing, the table of common models applies.
    public var prices: ConfiguredPrices

    /// Makes an entry of `model_list`, in which everything that is not given is nil or empty.
    public init(
        modelName: String,
        model: String,
        provider: String? = nil,
        apiBase: String? = nil,
        apiKey: String? = nil,
        apiVersion: String? = nil,
        organization: String? = nil,
        timeout: TimeAmount? = nil,
        streamTimeout: TimeAmount? = nil,
        maxRetries: Int? = nil,
        weight: Double? = nil,
        trust: ServerTrust? = nil,
        requestsPerMinute: Int? = nil,
        order: Int? = nil,
        id: String? = nil,
        token: String? = nil,
        maxParallelRequests: Int? = nil,
        parameters: [Member] = [],
        extraBody: [Member] = [],
        extraHeaders: [(name: String, value: String)] = [],
        mockResponse: MockResponse? = nil,
        prices: ConfiguredPrices = ConfiguredPrices()
    ) {
        self.modelName = modelName
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
        self.maxParallelRequests = maxParallelRequests
        self.trust = trust
        self.requestsPerMinute = requestsPerMinute
        self.order = order
        self.id = id
        self.token = token
        self.parameters = parameters
        self.extraBody = extraBody
        self.extraHeaders = extraHeaders
        self.mockResponse = mockResponse
        self.prices = prices
    }
}

extension DeploymentDescription: CustomStringConvertible {
    /// The two names, without keys and fields.
    public var description: String { "\(modelName): \(model)" }
}

/// The settings that hold for every deployment that has no setting of its own.
public struct DeploymentDefaults: Sendable {
    /// `litellm_settings.request_timeout`.
    public var requestTimeout: TimeAmount
    /// The greatest time that a stream may take to its first byte, and between two bytes. Where it is nil, it is
    /// `requestTimeout`.
    public var streamTimeout: TimeAmount?
    /// `litellm_settings.num_retries`. Where it is nil, the largest `max_retries` of the group applies, or else 2.
    public var numRetries: Int?
    /// `litellm_settings.ssl_verify`: which certificates servers need.
    public var trust: ServerTrust
    /// When deployments rest after failures.
    public var cooldown: CooldownRules
    /// How a deployment is chosen among those that can be called.
    public var strategy: RoutingStrategy
    /// How many calls may be in progress, and how many may wait.
    public var admission: AdmissionLimits

    /// Makes the settings, with the default values where none are given.
    public init(
        requestTimeout: TimeAmount = .seconds(600),
        streamTimeout: TimeAmount? = nil,
        numRetries: Int? = nil,
        trust: ServerTrust = .standard,
        cooldown: CooldownRules = CooldownRules(),
        strategy: RoutingStrategy = .simpleShuffle,
        admission: AdmissionLimits = AdmissionLimits()
    ) {
        self.requestTimeout = requestTimeout
        self.streamTimeout = streamTimeout
        self.numRetries = numRetries
        self.trust = trust
        self.cooldown = cooldown
        self.strategy = strategy
        self.admission = admission
    }
}

/// A problem in `model_list`.
public struct ModelProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whether the deployment can be used in spite of the problem.
    public enum Severity: Sendable, Equatable {
        /// The deployment was not made, and the configuration must not be used.
        case error
        /// The deployment was not made, because the gateway does not support what it requires. The others are usable.
        case disabled
        /// The deployment was made, but requests to it fail until the problem is solved.
        case warning
    }

    /// Whether the deployment can be used in spite of the problem.
    public let severity: Severity
    /// The position of the entry in the given descriptions.
    public let index: Int
    /// The invalid member: `model_name`, or one of `litellm_params`, such as `api_base`.
    public let member: String
    /// One sentence, without secrets.
    public let description: String
}
