import ResponseCache
import Upstream

/// What the head of an answer says. Everything that answers a request describes its head with this, and `ResponseWriter` alone
/// writes it.
struct ResponseHead {
    /// The fields that describe the content.
    enum Content {
        /// A content type of the gateway's own or of a cached answer.
        case type(String)
        /// A model's own fields, its content type among them.
        case fields(AnswerFields)
        /// A model's own fields, for content that was brought into another form.
        case converted(AnswerFields, type: String)
    }

    /// Where in the cache an answer comes from.
    struct Origin {
        var key: CacheKey
        /// Seconds since the answer was stored, as `Age` tells them (RFC 9111 section 5.1).
        var age: Int64
    }

    var status: Int
    var content: Content
    /// How the end of the body is marked.
    var framing: BodyFraming
    /// What the cache did for the request (RFC 9211). It is nil where the cache has no part in it.
    var cacheStatus: CacheStatus?
    /// It is nil for an answer that does not come from the cache.
    var origin: Origin?
    /// Further fields of the gateway's own, such as `allow`.
    var fields: [(name: String, value: String)] = []

    /// A head; what is not given is not said.
    init(
        _ status: Int,
        _ content: Content,
        framing: BodyFraming,
        cacheStatus: CacheStatus? = nil,
        origin: Origin? = nil,
        fields: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.content = content
        self.framing = framing
        self.cacheStatus = cacheStatus
        self.origin = origin
        self.fields = fields
    }

    /// The head of an error.
    init(_ error: APIError, length: Int, cacheStatus: CacheStatus? = nil) {
        self.init(
            error.status,
            .type("application/json"),
            framing: .length(length),
            cacheStatus: cacheStatus,
            fields: error.headers
        )
    }
}
