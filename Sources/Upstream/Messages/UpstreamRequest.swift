public import CallTypes
public import HTTPSyntax
public import NIOCore

/// One request to a model group.
public struct UpstreamRequest {
    /// What is asked of the model. It is nil where the request is passed on.
    public var callType: CallType?

    /// Where the request goes if it is passed on. It is nil for a call.
    public var passThrough: PassThroughTarget?

    /// The value of Content-Type, for a call that is asked with a form. It is nil where the body is JSON.
    public var contentType: [UInt8]?

    /// The request's id, which is sent to the model's server in `x-request-id`. It is nil where none is sent.
    public var id: RequestID?

    /// The body that the client sent, with its replacements.
    public var body: RequestBody

    /// Whether the answer is a stream of events, whose timeouts are those between bytes.
    public var isStream: Bool

    /// The fields of the client that are forwarded. A field that the configuration sets replaces the client's.
    public var headers: ForwardedFields

    /// The account of the only deployment that the request may go to. It is nil where any of the group will do.
    public var account: String?

    /// How many inputs an embeddings request has. Only mocks use it.
    public var inputCount: Int

    /// Whether `stream_options.include_usage` is true. Only mocks use it.
    public var includesUsage: Bool

    /// How long the request may take as a whole. Where it is nil, the configuration's timeout applies.
    public var timeout: TimeAmount?

    /// What is said of the trace in place of what the client says. It is nil where the trace is not recorded. If it is a
    /// `CallTrace`, it is told of the attempts.
    public var trace: (any TraceFields)?

    /// Whether the body is sent in pieces, instead of being copied into one buffer with the head.
    var isBodyApart: Bool { body.isLarge || passThrough?.rest != nil }

    /// Makes a request that is passed on. Its timeouts are those of a stream, because its answer may be one.
    public init(
        passThrough: PassThroughTarget,
        id: RequestID?,
        body: RequestBody,
        headers: ForwardedFields,
        account: String? = nil
    ) {
        self.init(id: id, body: body, isStream: true, headers: headers, account: account)
        self.passThrough = passThrough
    }

    /// Makes a call, which is not a stream by default and adds no fields of its own.
    public init(
        callType: CallType? = nil,
        id: RequestID? = nil,
        body: RequestBody,
        contentType: [UInt8]? = nil,
        isStream: Bool = false,
        headers: ForwardedFields = ForwardedFields(),
        account: String? = nil,
        inputCount: Int = 1,
        includesUsage: Bool = false,
        timeout: TimeAmount? = nil
    ) {
        self.callType = callType
        self.contentType = contentType
        self.id = id
        self.body = body
        self.isStream = isStream
        self.headers = headers
        self.account = account
        self.inputCount = inputCount
        self.includesUsage = includesUsage
        self.timeout = timeout
    }
}
