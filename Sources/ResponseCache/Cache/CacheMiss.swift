/// Why a request is not answered from the cache.
public enum CacheMiss: Sendable, Hashable {
    /// The configuration keeps the cache out of it.
    case bypassed
    /// The request asked for a new answer.
    case notWanted
    /// There is no such entry.
    case absent
    /// The entry was past its time to live.
    case expired
    /// The entry was older than the request accepts.
    case tooOld
    /// What was stored is no entry; it has been deleted.
    case unreadable(EntryFault)
    /// The entry is of a stream that does not tell its usage, and the request wants to know it.
    case withoutUsage
    /// The backend could not answer.
    case failed(StorageFailure)

    /// What the answer that comes from the model instead says of it.
    public var cacheStatus: CacheStatus {
        switch self {
        case .bypassed: CacheStatus(.forwarded(.bypass))
        case .notWanted, .tooOld: CacheStatus(.forwarded(.request))
        case .absent: CacheStatus(.forwarded(.miss))
        case .withoutUsage: CacheStatus(.forwarded(.miss), detail: "without-usage")
        case .expired: CacheStatus(.forwarded(.stale))
        case .unreadable(let fault): CacheStatus(.forwarded(.miss), detail: fault.token)
        case .failed(let failure): CacheStatus(.forwarded(.miss), detail: failure.code.token)
        }
    }
}

/// What became of looking up one key.
public enum LookupOutcome {
    case hit(CacheHit)
    case miss(CacheMiss)
    /// An entry past its time, to be served if the model fails; else it counts as `expired`.
    case stale(CacheHit)
}

/// What `ResponseCache.lookup` returns.
public enum Lookup {
    case done(LookupOutcome)
    /// The outcome comes later, on the loop.
    case pending(PendingLookup)
}
