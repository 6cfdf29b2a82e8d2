public import CallTypes
public import NIOCore

/// The caching policy of a configuration. It is immutable: a reload makes a new one.
public struct CachePolicy: Sendable {
    /// `cache_params.ttl` in milliseconds. It is nil where the backend's time to live applies.
    public let timeToLive: UInt64?
    /// How long an answer past its time to live is served while it is refreshed (RFC 5861), in milliseconds.
    public let staleWhileRevalidate: UInt64
    /// How long an answer past its time to live is served when the model fails (RFC 5861), in milliseconds.
    public let staleIfError: UInt64
    /// `mode: default_off`: only requests with `use-cache` are cached.
    public let optIn: Bool
    /// The calls that are cached.
    public let callTypes: CallTypeSet
    /// The largest entry that is stored, in bytes with its header.
    public let maxEntrySize: Int
    /// How long a look-up may take before it is a miss.
    public let lookupTimeout: TimeAmount
    /// How long a store may take before it is given up. No request waits for it.
    public let storeTimeout: TimeAmount

    /// Makes a policy. Times are in milliseconds, sizes in bytes.
    public init(
        timeToLive: UInt64? = nil,
        staleWhileRevalidate: UInt64 = 0,
        staleIfError: UInt64 = 0,
        optIn: Bool = false,
        callTypes: CallTypeSet = .all,
        maxEntrySize: Int = 8 << 20,
        lookupTimeout: TimeAmount = .milliseconds(250),
        storeTimeout: TimeAmount = .seconds(10)
    ) {
        self.timeToLive = timeToLive
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
        self.optIn = optIn
        self.callTypes = callTypes
        self.maxEntrySize = maxEntrySize
        self.lookupTimeout = lookupTimeout
        self.storeTimeout = storeTimeout
    }

    /// How long the backend keeps an entry: its time to live plus the longer of the two windows after it.
    func retention(of timeToLive: UInt64) -> UInt64 {
        timeToLive == 0 ? 0 : min(timeToLive + max(staleWhileRevalidate, staleIfError), Milliseconds.longest)
    }

    /// What the cache does for one request.
    ///
    /// - Parameter optIn: what applies in place of `optIn`, where the model has a rule of its own.
    public func use(of callType: CallType, _ controls: CacheControls, optIn: Bool? = nil) -> CacheUse {
        guard callTypes.contains(callType), !(optIn ?? self.optIn) || controls.useCache else { return .bypass }
        return CacheUse(mayRead: !controls.noCache, mayStore: !controls.noStore, isBypassed: false)
    }
}

/// What the cache may do for one request.
public struct CacheUse: Sendable, Hashable {
    /// Whether an answer may be taken from the cache.
    public let mayRead: Bool
    /// Whether the answer may be stored.
    public let mayStore: Bool
    /// Whether the configuration excludes the request from the cache, whatever the request says. No key is needed then.
    public let isBypassed: Bool

    /// The request is excluded from the cache.
    public static let bypass = CacheUse(mayRead: false, mayStore: false, isBypassed: true)
    /// An answer is stored, and none is taken from the cache.
    public static let storeOnly = CacheUse(mayRead: false, mayStore: true, isBypassed: false)
    /// An answer may be taken from the cache, and none is stored.
    public static let readOnly = CacheUse(mayRead: true, mayStore: false, isBypassed: false)
}
