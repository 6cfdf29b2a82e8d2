/// How old a client lets an answer be (RFC 9111 section 5.2.1). All times are in milliseconds.
public struct FreshnessLimits: Sendable, Hashable {
    /// How far beyond its time to live an answer may be.
    public enum Staleness: Sendable, Hashable {
        case none
        case upTo(UInt64)
        case any
    }

    /// The greatest accepted age. It is nil where any age is accepted.
    public var maxAge: UInt64?
    /// How far beyond its time to live an answer may be.
    public var maxStale: Staleness
    /// How long the answer must stay fresh at least. It is nil where it need not be fresh.
    public var minFresh: UInt64?

    /// Limits in milliseconds, where nil means no limit.
    public init(maxAge: UInt64? = nil, maxStale: Staleness = .none, minFresh: UInt64? = nil) {
        self.maxAge = maxAge
        self.maxStale = maxStale
        self.minFresh = minFresh
    }
}

/// Whether an entry may be served now (RFC 9111 section 4.2).
public enum Freshness: Sendable, Hashable {
    /// `remaining` is nil for an entry that has no time to live.
    case fresh(age: UInt64, remaining: UInt64?)
    /// The entry is past its time to live, but the client accepts it.
    case acceptablyStale(age: UInt64, staleness: UInt64)
    /// The entry is past its time to live, but within `stale-while-revalidate`: it is served while it is refreshed.
    case revalidating(age: UInt64, staleness: UInt64)
    /// The entry is past `stale-while-revalidate` too, but within `stale-if-error`: it is served if the model fails.
    case staleIfError(age: UInt64, staleness: UInt64)
    /// The entry is past its time to live.
    case expired
    /// The entry could be served, or kept in case the model fails, but it is older than the client accepts or does not
    /// stay fresh for as long as the client requires.
    case tooOld

    /// - Parameters:
    ///   - staleWhileRevalidate: the entry's window after its time to live (RFC 5861 section 3), in milliseconds.
    ///   - staleIfError: the entry's window after its time to live (RFC 5861 section 4), in milliseconds.
    public init(
        storedAt: UInt64,
        timeToLive: UInt64,
        staleWhileRevalidate: UInt64 = 0,
        staleIfError: UInt64 = 0,
        limits: FreshnessLimits,
        now: UInt64
    ) {
        let age = Freshness.age(storedAt: storedAt, now: now)
        let isFresh = timeToLive == 0 || age < timeToLive
        if !isFresh {
            let staleness = age - timeToLive
            let accepted =
                switch limits.maxStale {
                case .none: false
                case .upTo(let limit): staleness <= limit
                case .any: true
                }
            if accepted {
                self = .acceptablyStale(age: age, staleness: staleness)
            } else if staleness < staleWhileRevalidate {
                self = .revalidating(age: age, staleness: staleness)
            } else if staleness < staleIfError {
                self = .staleIfError(age: age, staleness: staleness)
            } else {
                self = .expired
                return
            }
        } else {
            self = .fresh(age: age, remaining: timeToLive == 0 ? nil : timeToLive - age)
        }
        if let maxAge = limits.maxAge, age > maxAge {
            self = .tooOld
        }
        if let minFresh = limits.minFresh, !isFresh || (timeToLive != 0 && timeToLive - age < minFresh) {
            self = .tooOld
        }
    }

    /// The time since an entry was stored. A clock that went backwards makes it 0, never a huge number.
    public static func age(storedAt: UInt64, now: UInt64) -> UInt64 {
        now > storedAt ? now - storedAt : 0
    }

    /// The time to live of an answer to be stored, in milliseconds: the request's, else the configured one, else the
    /// backend's. 0 means that it has none. It is nil if the answer must not be stored because it would be stale at
    /// once.
    static func timeToLive(request: UInt64?, configured: UInt64?, backend: UInt64?) -> UInt64? {
        guard let stated = request ?? configured else { return min(backend ?? 0, Milliseconds.longest) }
        return stated == 0 ? nil : min(stated, Milliseconds.longest)
    }
}
