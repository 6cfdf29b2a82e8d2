import ResponseCache
import Upstream

/// The content of the head of an answer. Everything that answers a request describes its head with this, and only
/// `ResponseWriter` writes it.
struct ResponseHead: ~Copyable {
    /// The fields that describe the content.
    enum Content {
        /// There is no content.
        case none
        /// The content type of an answer of the gateway's own or of a cached answer.
        case type(String)
        /// A model's own fields, including its content type.
        case fields(AnswerFields)
        /// A model's own fields, for content that was converted to another form.
        case converted(AnswerFields, type: String)
    }

    /// The origin of an answer in the cache.
    struct Origin {
        var key: CacheKey
        /// The seconds since the answer was stored, for `Age` (RFC 9111 section 5.1).
        var age: Int64
    }

    var status: Int
    var content: Content
    /// How the end of the body is marked.
    var framing: BodyFraming
    /// What the cache did for the request (RFC 9211). It is nil where the cache has no part in it.
    var cacheStatus: CacheStatus?
    /// The origin in the cache. It is nil for an answer that does not come from the cache.
    var origin: Origin?
    /// The deployment that made the answer. It is nil for an answer of the gateway's own or from the cache.
    var producer: Producer?
    /// Whether the body is a stream of events, which nothing on its way to the client should hold back or keep.
    var isEventStream: Bool
    /// Further fields of the gateway's own, such as `allow`.
    var fields: [(name: String, value: String)] = []

    /// Makes a head. Optional parts are left out by default.
    init(
        _ status: Int,
        _ content: Content,
        framing: BodyFraming,
        cacheStatus: CacheStatus? = nil,
        origin: Origin? = nil,
        producer: Producer? = nil,
        isEventStream: Bool = false,
        fields: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.content = content
        self.framing = framing
        self.cacheStatus = cacheStatus
        self.origin = origin
        self.producer = producer
        self.isEventStream = isEventStream
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
