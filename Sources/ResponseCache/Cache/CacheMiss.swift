/// Why a request is not answered from the cache.
public enum CacheMiss: Sendable, Hashable {
    /// The configuration excludes the request from the cache.
    case bypassed
    /// The request asked for a new answer.
    case notWanted
    /// There is no such entry.
    case absent
    /// The entry was past its time to live.
    case expired
    /// The entry was older than the request accepts.
    case tooOld
    /// The entry was purged, and has been deleted.
    case purged
    /// There is an entry, but it is not known yet what other gateways have purged.
    case unverified
    /// The stored bytes are not a valid entry and have been deleted, or they cannot be given the form that the client
    /// wants.
    case unreadable(EntryFault)
    /// The entry is a stream that does not report its usage, which the request asks for.
    case withoutUsage
    /// The backend could not answer.
    case failed(StorageFailure)

    /// The Cache-Status of the model's answer to this request.
    public var cacheStatus: CacheStatus {
        switch self {
        case .bypassed: CacheStatus(.forwarded(.bypass))
        case .notWanted: CacheStatus(.forwarded(.request))
        case .tooOld: CacheStatus(.forwarded(.request), isTooOld: true)
        case .absent: CacheStatus(.forwarded(.miss))
        case .withoutUsage: CacheStatus(.forwarded(.miss), detail: "without-usage")
        case .expired: CacheStatus(.forwarded(.stale))
        case .purged: CacheStatus(.forwarded(.miss), detail: "purged")
        case .unverified: CacheStatus(.forwarded(.miss), detail: "purges-unknown")
        case .unreadable(let fault): CacheStatus(.forwarded(.miss), detail: fault.token)
        case .failed(let failure): CacheStatus(.forwarded(.miss), detail: failure.code.token)
        }
    }
}

/// The outcome of looking up one key.
public enum LookupOutcome {
    case hit(CacheHit)
    case miss(CacheMiss)
    /// An entry past its time to live, which is served if the model fails. If it is not served, it counts as `expired`.
    case stale(CacheHit)
}

/// What `ResponseCache.lookup` returns.
public enum Lookup {
    case done(LookupOutcome)
    /// The outcome comes later, on the loop.
    case pending(PendingLookup)
}
