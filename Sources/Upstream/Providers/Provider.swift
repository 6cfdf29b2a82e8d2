/// A service that speaks OpenAI's protocol, and how its servers are reached.
struct Provider: Sendable, Equatable {
    /// How a key is sent.
    enum Authentication: Sendable, Equatable {
        /// `authorization: Bearer KEY`
        case bearer
        /// `api-key: KEY`
        case apiKey
    }

    /// The paths of requests to a model.
    enum Paths: Sendable, Equatable {
        /// `BASE/chat/completions`, with the model in the body.
        case openAI
        /// `BASE/openai/deployments/MODEL/chat/completions?api-version=VERSION`, with the body left as it is.
        case azure
    }

    /// The part before the slash in `provider/model`.
    var name: String
    var defaultBase: String?
    /// Environment variables that may hold the base URL. The first one that is set applies.
    var baseVariables: [String]
    /// Environment variables that may hold the key. The first one that is set applies.
    var keyVariables: [String]
    var requiresKey: Bool
    var authentication = Authentication.bearer
    var paths = Paths.openAI
    /// A prefix for the names of models that do not begin with it.
    var modelPrefix = ""
    /// The path of a base URL that was given without one.
    var implicitPath = ""
    /// Whether the provider is a server that its users run themselves, so that a key from the environment is sent to
    /// any `api_base`. Otherwise it is sent to hosts of the provider only.
    var isSelfHosted = false

    static let openAI = Provider(
        name: "openai",
        defaultBase: "https://api.openai.com/v1",
        baseVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
        keyVariables: ["OPENAI_API_KEY"],
        requiresKey: true
    )

    static let table: [Provider] = [
        openAI,
        Provider(
            name: "azure",
            defaultBase: nil,
            baseVariables: ["AZURE_API_BASE"],
            keyVariables: ["AZURE_API_KEY"],
            requiresKey: true,
            authentication: .apiKey,
            paths: .azure,
            isSelfHosted: true
        ),
        cloud("groq", "https://api.groq.com/openai/v1", base: ["GROQ_API_BASE"], key: ["GROQ_API_KEY"]),
        cloud("mistral", "https://api.mistral.ai/v1", base: ["MISTRAL_API_BASE"], key: ["MISTRAL_API_KEY"]),
        cloud("deepseek", "https://api.deepseek.com/v1", base: ["DEEPSEEK_API_BASE"], key: ["DEEPSEEK_API_KEY"]),
        cloud(
            "together_ai",
            "https://api.together.xyz/v1",
            base: ["TOGETHER_AI_API_BASE"],
            key: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"]
        ),
        cloud(
            "openrouter",
            "https://openrouter.ai/api/v1",
            base: ["OPENROUTER_API_BASE"],
            key: ["OPENROUTER_API_KEY", "OR_API_KEY"]
        ),
        Provider(
            name: "fireworks_ai",
            defaultBase: "https://api.fireworks.ai/inference/v1",
            baseVariables: ["FIREWORKS_API_BASE"],
            keyVariables: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"],
            requiresKey: true,
            modelPrefix: "accounts/fireworks/models/"
        ),
        cloud("xai", "https://api.x.ai/v1", base: ["XAI_API_BASE"], key: ["XAI_API_KEY"]),
        cloud(
            "perplexity",
            "https://api.perplexity.ai",
            base: ["PERPLEXITY_API_BASE"],
            key: ["PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"]
        ),
        Provider(
            name: "ollama",
            defaultBase: "http://localhost:11434/v1",
            baseVariables: ["OLLAMA_API_BASE"],
            keyVariables: ["OLLAMA_API_KEY"],
            requiresKey: false,
            implicitPath: "/v1",
            isSelfHosted: true
        ),
        Provider(
            name: "hosted_vllm",
            defaultBase: nil,
            baseVariables: ["HOSTED_VLLM_API_BASE"],
            keyVariables: ["HOSTED_VLLM_API_KEY"],
            requiresKey: false,
            isSelfHosted: true
        ),
    ]

    private static func cloud(_ name: String, _ base: String, base variables: [String], key: [String]) -> Provider {
        Provider(name: name, defaultBase: base, baseVariables: variables, keyVariables: key, requiresKey: true)
    }

    static func named(_ name: some StringProtocol) -> Provider? {
        table.first { $0.name == name }
    }
}
