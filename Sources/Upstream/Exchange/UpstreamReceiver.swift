public import NIOCore
import Spelling

/// The head of an upstream answer.
public struct UpstreamHead: Sendable {
    /// The status, 200...999.
    public var status: Int

    /// The end-to-end fields, in the order they came. Without the fields of the connection
    /// (RFC 9110 section 7.6.1), `content-length`, `set-cookie`, `strict-transport-security` and `alt-svc`.
    public var headers: [(name: String, value: String)]

    /// The length of the body where the upstream said it; nil: it ends with `upstreamEnd`.
    public var contentLength: Int?

    public init(status: Int, headers: [(name: String, value: String)], contentLength: Int?) {
        self.status = status
        self.headers = headers
        self.contentLength = contentLength
    }

    /// The first value of the field `name`, which must be given in lower case.
    public func first(_ name: StaticString) -> String? {
        headers.first { $0.name.equalsIgnoringCase(name) }?.value
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
