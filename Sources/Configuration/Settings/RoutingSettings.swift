/// How requests find their deployments.
public struct RoutingSettings: Sendable, Hashable {
    /// A name of a model in the configuration, with its position.
    public struct Reference: Sendable, Hashable {
        /// The name of the model.
        public let model: String
        /// The key that the name is given for, such as `model_group_alias`.
        public let key: String
        /// The position of the name.
        public let position: SourcePosition
    }

    /// A member of `router_settings.model_group_alias`.
    public struct Alias: Sendable, Hashable {
        /// The name that clients request.
        public let name: String
        /// The model that it stands for.
        public let target: Reference
        /// Whether the list of models leaves it out.
        public let isHidden: Bool
    }

    /// The other names of models, in the order of the file.
    public var aliases: [Alias] = []

    /// `general_settings.forward_client_headers_to_llm_api`: whether headers of clients are sent to models.
    public var forwardsClientHeaders = false
    /// `litellm_settings.ssl_verify`.
    public var verification: CertificateVerification?
    /// `router_settings.routing_strategy`. Where it is nil, it is `simple-shuffle`.
    public var strategy: String?
    /// `allowed_fails`: how many failures in a row a deployment may have before it rests.
    public var allowedFailures: Int?
    /// `cooldown_time`: how long a deployment rests, in seconds.
    public var cooldown: Double?
    /// `router_settings.disable_cooldowns`: whether no deployment rests after failures.
    public var hasNoCooldowns = false

    /// The models that are asked in place of one model, which are given in a list of mappings.
    public struct Fallback: Sendable, Hashable {
        /// The model that fails. It is nil where the rule is for all models without a rule of their own.
        public let model: Reference?
        /// The models that are asked, in order.
        public let targets: [Reference]
    }

    /// `fallbacks` and `default_fallbacks`: what is asked where a model has failed.
    public var fallbacks: [Fallback] = []
    /// `context_window_fallbacks`: what is asked where a request has more tokens than a model takes.
    public var contextWindowFallbacks: [Fallback] = []

    /// `general_settings.pass_through_endpoints`, in the order of the file.
    public var passThroughEndpoints: [PassThroughSettings] = []

    /// The model whose deployments get the requests that name no model.
    public var defaultDeployment: Reference?

    /// `caching_groups`: the models of each group share cached answers.
    public var cachingGroups: [[Reference]] = []

    /// Everything that names a model, which has to be one of `model_list`.
    public var references: [Reference] {
        aliases.map(\.target) + [defaultDeployment].compactMap(\.self) + cachingGroups.flatMap(\.self)
            + (fallbacks + contextWindowFallbacks).flatMap { [$0.model].compactMap { $0 } + $0.targets }
    }

    public init() {}
}
