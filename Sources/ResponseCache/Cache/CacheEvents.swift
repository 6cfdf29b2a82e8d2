/// What one event loop's cache has counted since it began.
public struct CacheEvents: Sendable, Hashable {
    /// Look-ups that found an answer.
    public internal(set) var hits: UInt64 = 0
    /// Every look-up that reached storage and found no answer, for whatever reason.
    public internal(set) var misses: UInt64 = 0
    /// Misses of an entry that was there, but past its time to live.
    public internal(set) var expired: UInt64 = 0
    /// Misses of an entry that was damaged, of a foreign format or stored for another key.
    public internal(set) var unreadable: UInt64 = 0
    /// Misses of an entry that was purged.
    public internal(set) var purged: UInt64 = 0
    /// Misses because the backend failed.
    public internal(set) var readFailures: UInt64 = 0
    /// Entries handed to the backend.
    public internal(set) var stores: UInt64 = 0
    /// Entries that were handed to the backend but not kept by it.
    public internal(set) var storeFailures: UInt64 = 0

    public init() {}

    mutating func count(_ miss: CacheMiss) {
        switch miss {
        case .bypassed, .notWanted: return
        case .absent, .tooOld, .withoutUsage, .unverified: break
        case .purged: purged &+= 1
        case .expired: expired &+= 1
        case .unreadable: unreadable &+= 1
        case .failed: readFailures &+= 1
        }
        misses &+= 1
    }
}
