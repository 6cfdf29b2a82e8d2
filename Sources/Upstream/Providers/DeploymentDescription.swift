public import NIOCore

/// One entry of `model_list`, as plain values.
public struct DeploymentDescription: Sendable {
    /// The name that clients ask for; entries of the same name share the load.
    public var modelName: String
    /// `litellm_params.model`: `provider/model`, or the bare name of an OpenAI model.
    public var model: String
    /// The base URL; nil: the provider's own.
    public var apiBase: String?
    /// The key that is sent to the server. Where it is nil, the environment may name one; otherwise none is sent.
    public var apiKey: String?
    /// The `api-version` of Azure.
    public var apiVersion: String?
    /// The value of `openai-organization`.
    public var organization: String?
    /// The time one attempt may take, in whole.
    public var timeout: TimeAmount?
    /// For streams: the time to the first byte, and from each to the next.
    public var streamTimeout: TimeAmount?
    /// How often a request is tried again. The setting for all models counts where this is nil.
    public var maxRetries: Int?
    /// The share of the load, in proportion to the others'. Nil: 1. Zero: only when the others cannot.
    public var weight: Double?
    /// Calls that it takes at a time; nil: what holds for all.
    public var maxParallelRequests: Int?
    /// Fields that every request has.
    public var extraHeaders: [(name: String, value: String)]
    /// Answers without a network.
    public var mockResponse: MockResponse?

    /// An entry of `model_list`; what it does not say is nil.
    public init(
        modelName: String,
        model: String,
        apiBase: String? = nil,
        apiKey: String? = nil,
        apiVersion: String? = nil,
        organization: String? = nil,
        timeout: TimeAmount? = nil,
        streamTimeout: TimeAmount? = nil,
        maxRetries: Int? = nil,
        weight: Double? = nil,
        maxParallelRequests: Int? = nil,
        extraHeaders: [(name: String, value: String)] = [],
        mockResponse: MockResponse? = nil
    ) {
        self.modelName = modelName
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
    }
}

extension DeploymentDescription: CustomStringConvertible {
    /// Without keys and fields.
    public var description: String { "\(modelName): \(model)" }
}

/// What holds for every deployment that does not say otherwise.
public struct DeploymentDefaults: Sendable {
    /// `litellm_settings.request_timeout`.
    public var requestTimeout: TimeAmount
    /// For streams: the time to the first byte, and from each to the next. Nil: `requestTimeout`.
    public var streamTimeout: TimeAmount?
    /// `litellm_settings.num_retries`; nil: the largest `max_retries` of the group, else 2.
    public var numRetries: Int?
    /// How many calls are taken on at a time.
    public var admission: AdmissionLimits

    /// What holds for the deployments that say nothing else.
    public init(
        requestTimeout: TimeAmount = .seconds(600),
        streamTimeout: TimeAmount? = nil,
        numRetries: Int? = nil,
        admission: AdmissionLimits = AdmissionLimits()
    ) {
        self.requestTimeout = requestTimeout
        self.streamTimeout = streamTimeout
        self.numRetries = numRetries
        self.admission = admission
    }
}

/// Something in `model_list` that cannot work, or that will not work yet.
public struct ModelProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whether the deployment can be used in spite of it.
    public enum Severity: Sendable, Equatable {
        /// The deployment was not made; the configuration must not be taken.
        case error
        /// The deployment was not made, because the gateway does not support what it asks for; the others serve.
        case disabled
        /// The deployment was made, and requests to it fail until this is mended.
        case warning
    }

    /// Whether the deployment can be used in spite of it.
    public let severity: Severity
    /// The position of the entry in the descriptions given.
    public let index: Int
    /// The member at fault: `model_name`, or one of `litellm_params`, such as `api_base`.
    public let member: String
    /// One sentence, without secrets.
    public let description: String
}
