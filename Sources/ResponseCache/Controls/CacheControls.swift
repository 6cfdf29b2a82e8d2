/// What a client asks of the cache, from the `cache` object of its body and from its `Cache-Control` header together.
///
/// Where the two differ, the stricter one counts: either may forbid reading or storing, and the smaller age counts.
public struct CacheControls: Sendable, Hashable {
    /// The request must not be answered from the cache. Its answer may be stored.
    public var noCache = false
    /// The answer must not be stored. The request may be answered from the cache.
    public var noStore = false
    /// The request uses the cache even where it is off by default (`mode: default_off`).
    public var useCache = false
    /// The request is answered from the cache or with 504 (RFC 9111 section 5.2.1.7).
    public var onlyIfCached = false
    /// How old an answer may be, and how fresh it must be.
    public var limits = FreshnessLimits()
    /// How long the answer is to be kept, in milliseconds. 0 means not at all. It is nil where the request does not
    /// say.
    public var timeToLive: UInt64?
    /// The client's own namespace, 1 to 256 bytes. It nests below the tenant and the configured one.
    public var namespace: String?
    /// The tags of the answer, by which it can be purged: at most `mostTags`, each of 1 to `longestTag` bytes.
    public var tags: [[UInt8]] = []

    /// The most tags of one answer.
    public static let mostTags = 16
    /// The longest tag in bytes of UTF-8.
    public static let longestTag = 128

    public init() {}

    /// Lowers the greatest accepted age.
    mutating func restrict(maxAge: UInt64) {
        limits.maxAge = min(limits.maxAge ?? maxAge, maxAge)
    }
}
