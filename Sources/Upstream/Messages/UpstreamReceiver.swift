public import NIOCore

/// The head of an upstream answer.
public struct UpstreamHead: Sendable {
    /// The status, 200...999.
    public var status: Int

    /// The end-to-end fields. Without the fields of the connection (RFC 9110 section 7.6.1), `content-length`, `date`,
    /// `set-cookie`, `strict-transport-security` and `alt-svc`.
    public var fields: AnswerFields

    /// The length of the body where the upstream said it; nil: it ends with `upstreamEnd`.
    public var contentLength: Int?

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

/// Takes an upstream's answer. Everything is called on the event loop of the client, and nothing before `send` returned.
///
/// The order: at most one head, then bodies and read-completes, then exactly one of `upstreamEnd` and
/// `upstreamFailed`. After `cancel()` nothing is called any more. The call holds its receiver until then.
public protocol UpstreamReceiver: AnyObject {
    /// The answer begins. From here on nothing is tried again.
    func upstreamHead(_ head: UpstreamHead)

    /// A piece of the body, as it arrived.
    func upstreamBody(_ bytes: ByteBuffer)

    /// Everything that had arrived was handed over: a good moment to flush.
    func upstreamReadComplete()

    /// The answer is whole.
    func upstreamEnd()

    /// There is no answer (before the head), or no more of it (after the head: it is cut off).
    func upstreamFailed(_ error: UpstreamError)
}
