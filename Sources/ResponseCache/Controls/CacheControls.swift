/// What a client asks of the cache, from the `cache` object of its body and from its `Cache-Control` header together.
///
/// Where the two differ, the stricter one counts: either forbids reading or storing, and the least age counts.
public struct CacheControls: Sendable, Hashable {
    /// Do not read; do store.
    public var noCache = false
    /// Do not store; do read.
    public var noStore = false
    /// Wants the cache where it is off by default (`mode: default_off`).
    public var useCache = false
    /// Answer from the cache or not at all (504, RFC 9111 section 5.2.1.7).
    public var onlyIfCached = false
    /// How old or how fresh an answer must be to be taken.
    public var limits = FreshnessLimits()
    /// How long the answer is to be kept, in milliseconds; 0: not at all. Nil: not said.
    public var timeToLive: UInt64?
    /// The client's own namespace, 1 to 256 bytes. It nests below the tenant and the configured one.
    public var namespace: String?

    public init() {}

    /// Lowers the greatest age that is accepted.
    mutating func restrict(maxAge: UInt64) {
        limits.maxAge = min(limits.maxAge ?? maxAge, maxAge)
    }
}
