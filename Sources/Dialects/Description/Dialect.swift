public import CallTypes
public import JSON
public import NIOCore
public import ResponseCache

/// One family of API calls, such as OpenAI's: all that the gateway does not decide itself. A value, made once.
public struct Dialect: Sendable {
    /// The name of the family, for messages.
    public let name: String
    /// Its calls, the usual ones first.
    public let calls: [DialectCall]
    /// How it reports errors.
    public let errors: ErrorForm
    /// The request headers, in lower case, that change what a model answers. They go to the model and count for the key.
    public let keyedHeaders: [String]

    /// A family of that name.
    public init(name: String, calls: [DialectCall], errors: ErrorForm, keyedHeaders: [String] = []) {
        self.name = name
        self.calls = calls
        self.errors = errors
        self.keyedHeaders = keyedHeaders
    }
}

/// One call of an API family: where it is asked for, how its request is read, and what its answers are.
public struct DialectCall: Sendable {
    /// The path that asks for it, without `/v1`, which may stand before it.
    public let path: String
    /// What keys, the configuration and upstream requests know of it.
    public let definition: CallDefinition
    /// How its requests are read.
    public let request: RequestForm
    /// What its answers are.
    public let answer: AnswerForm

    /// A call of a family.
    public init(path: String, definition: CallDefinition, request: RequestForm, answer: AnswerForm) {
        self.path = path
        self.definition = definition
        self.request = request
        self.answer = answer
    }
}

/// How the body of a request is read.
public struct RequestForm: Sendable {
    /// What a member of the outermost object is to the gateway, by its name.
    public let member: @Sendable (JSONText) -> RequestMember
    /// Whether a stream is to tell its usage behind the last choice.
    public let asksForUsage: @Sendable (JSONDocument) -> Bool
    /// Whether no answer to a request may come from the cache or be stored. It is nil where the family has no such
    /// requests.
    public let isUncacheable: (@Sendable (JSONDocument) -> Bool)?

    /// A form; what is not given, the family does not have.
    public init(
        member: @escaping @Sendable (JSONText) -> RequestMember,
        asksForUsage: @escaping @Sendable (JSONDocument) -> Bool = { _ in false },
        isUncacheable: (@Sendable (JSONDocument) -> Bool)? = nil
    ) {
        self.member = member
        self.asksForUsage = asksForUsage
        self.isUncacheable = isUncacheable
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

    /// A form; what is not given is the usual.
    public init(kept: Kept = .whole, check: AnswerCheck, stream: StreamForm? = nil) {
        self.kept = kept
        self.check = check
        self.stream = stream
    }
}

/// How the streams of a call are read, and how they and answers in one piece become each other.
public struct StreamForm: Sendable {
    /// Says what an event is, and notes in the progress what it says of the answer. The document is scratch.
    public let read: @Sendable (ServerSentEvent, inout StreamProgress, JSONDocument) -> StreamEventKind
    /// The answer in one piece that a recording makes, or nil where it makes none. The document is scratch.
    public let answer: @Sendable (StreamRecording, JSONDocument) -> ByteBuffer?
    /// The events that an answer in one piece makes, with the usage or without, or nil where it makes none.
    public let events: @Sendable (ByteBuffer, _ includesUsage: Bool, JSONDocument) -> ByteBuffer?

    /// A form that is made of three functions without state.
    public init(
        read: @escaping @Sendable (ServerSentEvent, inout StreamProgress, JSONDocument) -> StreamEventKind,
        answer: @escaping @Sendable (StreamRecording, JSONDocument) -> ByteBuffer?,
        events: @escaping @Sendable (ByteBuffer, _ includesUsage: Bool, JSONDocument) -> ByteBuffer?
    ) {
        self.read = read
        self.answer = answer
        self.events = events
    }
}
