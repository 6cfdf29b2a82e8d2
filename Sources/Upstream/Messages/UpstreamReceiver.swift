public import NIOCore

/// The head of an upstream answer.
public struct UpstreamHead: Sendable {
    /// The status, 200...999.
    public var status: Int

    /// The end-to-end fields except `content-length`, `date`, `server`, `x-powered-by`, `set-cookie`,
    /// `strict-transport-security`, `alt-svc`, those of the CORS protocol, and the `x-litellm-` fields that the gateway has
    /// of its own.
    /// Fields of the connection (RFC 9110 section 7.6.1) are not among them.
    public var fields: AnswerFields

    /// The length of the body. It is nil where the upstream did not give it, and only `upstreamEnd` marks the end.
    public var contentLength: Int?

    /// The deployment that answers, for those who do not have the call. Whoever received the head sets it.
    public var producer: Producer?

    /// Whether it comes from another model than the one that was asked first. Such an answer must not be stored as that
    /// model's.
    public var isFromFallback = false

    init(status: Int, fields: AnswerFields, contentLength: Int?) {
        self.status = status
        self.fields = fields
        self.contentLength = contentLength
    }

    /// - Parameter fields: names that are tokens, and values without line breaks.
    public init(status: Int, fields: [(name: String, value: String)], contentLength: Int?) {
        self.init(status: status, fields: AnswerFields(fields), contentLength: contentLength)
    }
}

/// Receives the answer of an upstream. Everything is called on the event loop of the `UpstreamClient`, and nothing
/// before `send` has returned.
///
/// At most one head is followed by pieces of the body, and then by exactly one of `upstreamEnd` and `upstreamFailed`.
/// After `cancel()` nothing is called any more. The call holds its receiver until then.
public protocol UpstreamReceiver: AnyObject {
    /// The upstream takes a further part of the body, or takes none for the time being, which is how it begins. It is
    /// called only for a request with a `BodyRest`.
    func upstreamTakesBody(_ takesBody: Bool)

    /// The answer begins. From here on nothing is tried again.
    func upstreamHead(_ head: UpstreamHead)

    /// A piece of the body, as it was received.
    func upstreamBody(_ bytes: ByteBuffer)

    /// Everything that was received has been handed over, so that it is time to flush.
    func upstreamReadComplete()

    /// The answer is complete.
    func upstreamEnd()

    /// There is no answer or, once the head was delivered, no more of it.
    func upstreamFailed(_ error: UpstreamError)
}

extension UpstreamReceiver {
    public func upstreamTakesBody(_ takesBody: Bool) {}
}
