public import NIOCore

/// A complete answer of a model that might be stored.
public struct CacheableAnswer: Sendable {
    /// Whether the body is an answer in one piece or a recorded stream.
    public let form: EntryForm
    /// Says whether the body is worth storing. It is nil where this is known already, as for a stream that was recorded
    /// whole.
    let check: AnswerCheck?
    /// The HTTP status; only 200 is stored.
    public let status: Int
    /// The value of Content-Type.
    public let contentType: String
    /// The longest time for which it may be kept, in milliseconds. It is nil where there is no such time.
    public let longestLife: UInt64?
    /// The body is the concatenation of these buffers.
    public let body: [ByteBuffer]
    /// What is known of the call that made it. Without it, the entry counts as made when it is stored, by anybody.
    public let facts: CallFacts?
    /// The tokens that it has cost. It is nil where that is not known.
    public let usage: TokenUsage?

    /// An answer as received from a model. `body` has its bytes in order, however they are divided.
    public init(
        form: EntryForm = .json,
        check: AnswerCheck?,
        status: Int,
        contentType: String,
        longestLife: UInt64? = nil,
        body: [ByteBuffer],
        facts: CallFacts? = nil,
        usage: TokenUsage? = nil
    ) {
        self.usage = usage
        self.facts = facts
        self.longestLife = longestLife
        self.form = form
        self.check = check
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    var bodyLength: Int { body.reduce(0) { $0 + $1.readableBytes } }
}

/// What was decided about an answer that might be stored.
public enum StoreDecision: Sendable, Hashable {
    /// The backend has the entry, or will report that it could not keep it. `Cache-Status` may say `stored`.
    case handedOver
    /// The backend has the entry, but may wait long before it begins to keep it. `Cache-Status` does not say `stored`.
    case unconfirmed
    case notStored(NotStored)
}

/// Why an answer is not stored.
public enum NotStored: UInt8, Error, Sendable, CaseIterable {
    /// The configuration excludes the request from the cache.
    case bypassed
    /// The request said `no-store`.
    case notWanted
    /// Its time to live is 0.
    case noTimeToLive
    /// Its status is not 200.
    case notSuccessful
    /// It is larger than `CachePolicy.maxEntrySize`.
    case tooLarge
    /// Its body is not a JSON object as required or has two members of one name, or its content type is not
    /// well-formed.
    case unusable
    /// It is empty.
    case empty
    /// It reports, with status 200, that the model failed.
    case failed
    /// The backend refused it at once, because it is too large or the backend is failing.
    case refused
    /// The cryptographic library failed to seal it.
    case unsealable
    /// It was purged while it was made.
    case purged
    /// A stream ended before it was whole, or the model failed within it.
    case incomplete
    /// There was no memory to record it.
    case noMemory
    /// Another model gave it than the one that the key names.
    case fallback
    /// It is not of a kind that the call's answers have, such as a stream where there are none.
    case unexpected

    /// The reason as one token, from a bounded set, for the log and for metrics.
    public var reason: StaticString {
        switch self {
        case .bypassed: "bypass"
        case .notWanted: "no-store"
        case .noTimeToLive: "ttl-zero"
        case .notSuccessful: "status"
        case .tooLarge: "too-large"
        case .unusable: "unusable"
        case .empty: "empty"
        case .failed: "failed"
        case .refused: "refused"
        case .unsealable: "unsealable"
        case .purged: "purged"
        case .incomplete: "incomplete"
        case .noMemory: "no-memory"
        case .fallback: "fallback"
        case .unexpected: "unexpected"
        }
    }
}
