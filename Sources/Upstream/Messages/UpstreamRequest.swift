public import CallTypes
public import HTTPSyntax
public import NIOCore

/// One request to a model group.
public struct UpstreamRequest {
    /// What is asked of the model.
    public var callType: CallType

    /// What the request is called, which the model's server is told in `x-request-id`. It is nil where it is not told.
    public var id: RequestID?

    /// The JSON body as the client sent it, with what must change.
    public var body: RequestBody

    /// Whether the answer is a stream of events, whose timeouts are those between bytes.
    public var isStream: Bool

    /// End-to-end fields that the gateway passes on. Fields that belong to a connection, carry credentials or are not
    /// valid HTTP are not written, even if they are given.
    public var headers: [(String, String)]

    /// How many inputs an embeddings request has. Only mocks use it.
    public var inputCount: Int

    /// Whether `stream_options.include_usage` is true. Only mocks use it.
    public var includesUsage: Bool

    /// How long the request may take as a whole. Where it is nil, the configuration says so.
    public var timeout: TimeAmount?

    /// Makes a request, which is not a stream unless said so, and adds no fields of its own.
    public init(
        callType: CallType,
        id: RequestID? = nil,
        body: RequestBody,
        isStream: Bool = false,
        headers: [(String, String)] = [],
        inputCount: Int = 1,
        includesUsage: Bool = false,
        timeout: TimeAmount? = nil
    ) {
        self.callType = callType
        self.id = id
        self.body = body
        self.isStream = isStream
        self.headers = headers
        self.inputCount = inputCount
        self.includesUsage = includesUsage
        self.timeout = timeout
    }
}
