public import CallTypes

/// Where a request goes that is passed on as it is: its method and its path at the provider. It is a class, so that
/// other requests carry nothing but an empty reference.
public final class PassThroughTarget: Sendable {
    /// The method, which is a token.
    public let method: String
    /// The path below the provider's base URL. It begins with a slash.
    public let path: String
    /// The query without its question mark. It is empty where there is none.
    public let query: String
    /// The value of Content-Type. It is nil where the request has no body, or has one without a type.
    public let contentType: String?
    /// The value of Content-Encoding. It is nil where the request has none.
    public let contentEncoding: String?
    /// The protocol, which decides how the key is sent.
    public let wire: WireProtocol
    /// What follows the part of the body that the request has. It is nil where the request has all of it.
    public let rest: BodyRest?

    /// The caller has checked that the method is a token and that the path, the query and the two values have
    /// neither spaces nor control characters that could end the line they are written into.
    public init(
        method: String,
        path: String,
        query: String,
        contentType: String?,
        contentEncoding: String? = nil,
        wire: WireProtocol = .openAI,
        rest: BodyRest? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.wire = wire
        self.rest = rest
    }

    /// Whether the answer has no body, whatever its fields say (RFC 9110 section 9.3.2).
    public var isHead: Bool { method.utf8.elementsEqual("HEAD".utf8) }

    /// Whether a request without content states no length (RFC 9110 section 8.6).
    var hasNoBody: Bool { ["GET", "HEAD", "DELETE"].contains { method.utf8.elementsEqual($0.utf8) } }

    /// Whether the request may be sent again after a failure: it is idempotent (RFC 9110 section 9.2.2), and all of it is
    /// at hand.
    var isRepeatable: Bool {
        rest == nil && ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains { method.utf8.elementsEqual($0.utf8) }
    }
}
