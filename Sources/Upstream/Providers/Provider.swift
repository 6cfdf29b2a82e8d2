import CallTypes

/// A service that speaks OpenAI's protocol, Anthropic's, or both, and how its servers are reached.
struct Provider: Sendable, Equatable {
    /// How a key is sent.
    enum Authentication: Sendable, Equatable {
        /// `authorization: Bearer KEY`
        case bearer
        /// `api-key: KEY`
        case apiKey
        /// `x-api-key: KEY` for calls in Anthropic's protocol, and `authorization: Bearer KEY` for others.
        case byProtocol
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
    /// The base URL where none is given. A part in braces is the name of a variable that must be set in the environment,
    /// whose value takes its place.
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
    /// Whether `/v1` is added to the path of a base URL that does not end in it.
    var addsVersion = false
    /// Whether the provider is a server that its users run themselves, so that a key from the environment is sent to
    /// any `api_base`. Otherwise it is sent to hosts of the provider only.
    var isSelfHosted = false
    /// The path of a call with which the path of a base URL may end, although it is not a part of the base.
    var ignoredPath = ""
    /// The calls that the provider's own servers answer.
    var calls = Calls.of(.openAI)

    /// Some calls, by their protocol or by their path below the base URL.
    enum Calls: Sendable, Equatable {
        case of(WireProtocol)
        case at([String])

        func contains(_ call: CallDefinition) -> Bool {
            switch self {
            case .of(let wire): call.wire == wire
            case .at(let paths): paths.contains { $0 == call.upstreamPath }
            }
        }
    }

    static func named(_ name: some StringProtocol) -> Provider? {
        table.first { $0.name == name }
    }

    /// Whether LiteLLM has a provider of this name whose protocol is not OpenAI's, so that the name before the slash of
    /// a model is certainly not a part of the model's own name.
    static func isOfAnotherProtocol(_ name: some StringProtocol) -> Bool {
        ofAnotherProtocol.contains { $0 == name }
    }
}
