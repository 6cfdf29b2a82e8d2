public import NIOCore

/// A complete answer of a model that might be stored.
public struct CacheableAnswer: Sendable {
    /// Whether the body is an answer in one piece or a recorded stream.
    public let form: EntryForm
    /// Says whether the body is worth storing. It is nil where that was found out before, as it is of a stream that was
    /// recorded whole.
    let check: AnswerCheck?
    /// The HTTP status; only 200 is stored.
    public let status: Int
    /// The value of Content-Type.
    public let contentType: String
    /// The body is their concatenation.
    public let body: [ByteBuffer]

    /// An answer as it came from a model; `body` is its bytes in order, however they are cut.
    public init(
        form: EntryForm = .json,
        check: AnswerCheck?,
        status: Int,
        contentType: String,
        body: [ByteBuffer]
    ) {
        self.form = form
        self.check = check
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    var bodyLength: Int { body.reduce(0) { $0 + $1.readableBytes } }
}

/// What became of an answer that might be stored.
public enum StoreDecision: Sendable, Hashable {
    /// The backend has it, or will say that it could not keep it. `Cache-Status` may say `stored`.
    case handedOver
    case notStored(NotStored)
}

/// Why an answer is not stored.
public enum NotStored: UInt8, Error, Sendable, CaseIterable {
    /// The configuration keeps the cache out of it.
    case bypassed
    /// The request said `no-store`.
    case notWanted
    /// Its time to live is 0.
    case noTimeToLive
    /// Its status is not 200.
    case notSuccessful
    /// It is larger than `CachePolicy.maxEntrySize`.
    case tooLarge
    /// Its body is not the JSON object it should be or has two members of one name, or its content type is unusable.
    case unusable
    /// It says nothing.
    case empty
    /// It says, with status 200, that the model failed.
    case failed
    /// The backend refused it at once: it is too large for it, or it fails.
    case refused
    /// The cryptographic library failed to seal it.
    case unsealable
}
