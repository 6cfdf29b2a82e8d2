public import CallTypes
public import JSON
public import NIOCore
public import ResponseCache

/// One family of API calls, such as OpenAI's. It holds everything that the gateway does not decide itself. It is a
/// value and is made once.
public struct Dialect: Sendable {
    /// The name of the family, for messages.
    public let name: String
    /// Its calls, the usual ones first.
    public let calls: [DialectCall]
    /// How it reports errors.
    public let errors: ErrorForm
    /// The request headers that change what a model answers.
    public let keyedHeaders: [KeyedHeader]
    /// A path under which all calls of the family can be reached too, such as `/anthropic`. It is nil where there is
    /// none.
    public let mount: String?

    /// A family of that name.
    public init(
        name: String,
        calls: [DialectCall],
        errors: ErrorForm,
        keyedHeaders: [KeyedHeader] = [],
        mount: String? = nil
    ) {
        self.mount = mount
        self.name = name
        self.calls = calls
        self.errors = errors
        self.keyedHeaders = keyedHeaders
    }
}

/// One call of an API family: its path, how its requests are read, and what its answers are.
public struct DialectCall: Sendable {
    /// The path of the call, without the `/v1` that may precede it.
    public let path: String
    /// What cache keys, the configuration and upstream requests need to know about it.
    public let definition: CallDefinition
    /// How its requests are read.
    public let request: RequestForm
    /// What its answers are.
    public let answer: AnswerForm
    /// How it reports errors. It is nil where it does so as its family.
    public let errors: ErrorForm?

    /// A call of a family.
    public init(
        path: String,
        definition: CallDefinition,
        request: RequestForm,
        answer: AnswerForm,
        errors: ErrorForm? = nil
    ) {
        self.errors = errors
        self.path = path
        self.definition = definition
        self.request = request
        self.answer = answer
    }
}

/// How the body of a request is read.
public struct RequestForm: Sendable {
    /// Returns the role that a member of the outermost object has for the gateway, given the member's name.
    public let member: @Sendable (JSONText) -> RequestMember
    /// Returns the role of the member whose role is `metadata`, given its value.
    public let metadata: @Sendable (JSONDocument, JSONNode) -> RequestMember
    /// The model that is asked where a request names none. It is nil where there is none.
    public let defaultModel: String?
    /// Whether a request that names no model goes as it is to the default deployment, whose provider has a default of its
    /// own. Otherwise a request must name a model, unless the call has a default.
    public let mayNameNoModel: Bool
    /// Whether a stream is to report its usage after the last choice.
    public let asksForUsage: @Sendable (JSONDocument) -> Bool
    /// Returns the id of the object at the provider that a request continues, or nil where it continues none. It is nil
    /// itself where the call has no such requests.
    public let continuedObject: (@Sendable (JSONDocument) -> [UInt8]?)?
    /// Returns why no answer to a request may come from the cache or be stored, or nil where it may. It is nil itself
    /// where the call has no such requests.
    public let bypass: (@Sendable (JSONDocument, CacheAllowance) -> CacheBypass?)?

    /// Makes a form. The family has no requests of the kinds whose arguments are omitted.
    public init(
        member: @escaping @Sendable (JSONText) -> RequestMember,
        metadata: @escaping @Sendable (JSONDocument, JSONNode) -> RequestMember = { _, _ in .gatewayOnly },
        defaultModel: String? = nil,
        mayNameNoModel: Bool = false,
        asksForUsage: @escaping @Sendable (JSONDocument) -> Bool = { _ in false },
        continuedObject: (@Sendable (JSONDocument) -> [UInt8]?)? = nil,
        bypass: (@Sendable (JSONDocument, CacheAllowance) -> CacheBypass?)? = nil
    ) {
        self.member = member
        self.metadata = metadata
        self.defaultModel = defaultModel
        self.mayNameNoModel = mayNameNoModel
        self.asksForUsage = asksForUsage
        self.continuedObject = continuedObject
        self.bypass = bypass
    }
}

/// What the answers to a call are.
public struct AnswerForm: Sendable {
    /// How answers are kept.
    public enum Kept: Sendable {
        /// One answer for a request.
        case whole
        /// A part for each input of the request: see `EmbeddingBatch`.
        case byInput
    }

    /// How answers are kept.
    public let kept: Kept
    /// Whether an answer in one piece is worth storing.
    public let check: AnswerCheck
    /// How streams are read and converted. It is nil where the call has none.
    public let stream: StreamForm?
    /// Whether the provider keeps the object that an answer describes, under the id that the answer has.
    public let describesKeptObject: Bool
    /// Whether answers are of whatever type they state, rather than JSON. One that states none is not stored.
    public let isOfAnyType: Bool
    /// Returns the longest time for which an answer may be kept, in milliseconds, because what it refers to is gone after
    /// that, or nil where there is no such time. It is nil itself where no answer has one.
    public let longestLife: (@Sendable ([ByteBuffer]) -> UInt64?)?

    /// Makes a form. An omitted argument has its usual value.
    public init(
        kept: Kept = .whole,
        check: AnswerCheck,
        stream: StreamForm? = nil,
        longestLife: (@Sendable ([ByteBuffer]) -> UInt64?)? = nil,
        describesKeptObject: Bool = false,
        isOfAnyType: Bool = false
    ) {
        self.isOfAnyType = isOfAnyType
        self.describesKeptObject = describesKeptObject
        self.longestLife = longestLife
        self.kept = kept
        self.check = check
        self.stream = stream
    }
}

/// How the streams of a call are read, and how streams and answers in one piece are converted to each other.
public struct StreamForm: Sendable {
    /// Returns the kind of an event, and records in the progress what the event says about the answer. The document is
    /// scratch space.
    public let read: @Sendable (ServerSentEvent, inout StreamProgress, JSONDocument) -> StreamEventKind
    /// Returns an event as it is recorded, where that is not as it arrived: without padding. The document is scratch
    /// space.
    public let recorded: (@Sendable (ServerSentEvent, JSONDocument) -> ByteBuffer?)?
    /// Converts a recording to an answer in one piece. The result is nil where that is impossible. The document is
    /// scratch space.
    public let answer: @Sendable (StreamRecording, JSONDocument) -> ByteBuffer?
    /// Converts an answer in one piece to the events of a stream, with or without the usage. The result is nil where
    /// that is impossible.
    public let events: @Sendable (ByteBuffer, _ includesUsage: Bool, JSONDocument) -> ByteBuffer?
    /// The texts of which one ends the last event of a stream, without its line ends. They have at most 16 bytes. A
    /// stream that is passed on without being parsed, and whose connection fails after such a text, is complete.
    public let endMarks: [StaticString]

    /// A form that is made of functions without state.
    public init(
        endMarks: [StaticString] = [],
        read: @escaping @Sendable (ServerSentEvent, inout StreamProgress, JSONDocument) -> StreamEventKind,
        recorded: (@Sendable (ServerSentEvent, JSONDocument) -> ByteBuffer?)? = nil,
        answer: @escaping @Sendable (StreamRecording, JSONDocument) -> ByteBuffer?,
        events: @escaping @Sendable (ByteBuffer, _ includesUsage: Bool, JSONDocument) -> ByteBuffer?
    ) {
        self.endMarks = endMarks
        self.read = read
        self.recorded = recorded
        self.answer = answer
        self.events = events
    }
}
