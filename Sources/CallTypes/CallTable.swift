/// What is known about one kind of call before any request arrives.
public struct CallDefinition: Sendable {
    /// The name that cache keys contain. It never changes, because existing entries would no longer be found under
    /// another name.
    public let name: String
    /// LiteLLM's names in `supported_call_types`: the plain one and the asynchronous one.
    public let configuredNames: [String]
    /// The path below a provider's base URL.
    public let upstreamPath: String
    /// The protocol in which models are asked.
    public let wire: WireProtocol
    /// Whether answers are cached where the configuration does not list the calls that are. A call that is not, and that
    /// the configuration does not list, is passed on like a path that the gateway does not know.
    public let isCachedByDefault: Bool
    /// Whether requests are forms (RFC 7578) rather than JSON.
    public let takesForms: Bool
    /// How mocks answer the call. It is nil where they cannot.
    public let mock: MockForm?

    /// Makes the definition of a call, whose name no other call of the table may have.
    public init(
        name: String,
        configuredNames: [String],
        upstreamPath: String,
        wire: WireProtocol = .openAI,
        isCachedByDefault: Bool = true,
        takesForms: Bool = false,
        mock: MockForm? = nil
    ) {
        self.wire = wire
        self.isCachedByDefault = isCachedByDefault
        self.takesForms = takesForms
        self.name = name
        self.configuredNames = configuredNames
        self.upstreamPath = upstreamPath
        self.mock = mock
    }
}

/// All calls that the gateway serves. It is made once, when the process starts.
public struct CallTable: Sendable {
    private let definitions: [CallDefinition]

    /// Makes a table of calls, in the order of their positions.
    ///
    /// Two calls with the same name are a programming error, which stops the process here.
    public init(_ definitions: [CallDefinition]) {
        precondition(definitions.count <= CallTypeSet.most, "more than \(CallTypeSet.most) kinds of calls")
        let names = definitions.map { Array($0.name.utf8) }
        let configured = definitions.flatMap(\.configuredNames).map { Array($0.utf8) }
        precondition(Set(names).count == names.count, "two calls have one name")
        precondition(Set(configured).count == configured.count, "two calls have one name in the configuration")
        self.definitions = definitions
    }

    /// How many calls there are.
    public var count: Int { definitions.count }

    /// All calls, in the order of their positions.
    public var all: [CallType] { definitions.indices.map(CallType.init(position:)) }

    /// The definition of a call in this table.
    public subscript(type: CallType) -> CallDefinition { definitions[type.position] }

    /// Returns the call that LiteLLM knows by a name, which may be the plain or the asynchronous one.
    public func type(configuredAs name: String) -> CallType? {
        let name = Array(name.utf8)
        return definitions.firstIndex { definition in
            definition.configuredNames.contains { $0.utf8.elementsEqual(name) }
        }.map(CallType.init(position:))
    }

    /// The calls that are cached where the configuration does not list them.
    public var cachedByDefault: CallTypeSet { CallTypeSet(all.filter { self[$0].isCachedByDefault }) }

    /// LiteLLM's names of all calls, in the order of the calls.
    public var configuredNames: [String] { definitions.flatMap(\.configuredNames) }
}
