public import NIOCore

/// What the configuration says of caching. Immutable: a reload makes another one.
public struct CachePolicy: Sendable {
    /// `cache_params.ttl` in milliseconds; nil: the backend's.
    public let timeToLive: UInt64?
    /// `mode: default_off`: only requests with `use-cache` are cached.
    public let optIn: Bool
    public let callTypes: Set<CallType>
    /// The largest entry that is stored, in bytes with its header.
    public let maxEntrySize: Int
    /// How long a look-up may take before it is a miss.
    public let lookupTimeout: TimeAmount
    /// How long a store may take before it is given up. No request waits for it.
    public let storeTimeout: TimeAmount

    public init(
        timeToLive: UInt64? = nil,
        optIn: Bool = false,
        callTypes: Set<CallType> = Set(CallType.allCases),
        maxEntrySize: Int = 4 << 20,
        lookupTimeout: TimeAmount = .milliseconds(500),
        storeTimeout: TimeAmount = .seconds(10)
    ) {
        self.timeToLive = timeToLive
        self.optIn = optIn
        self.callTypes = callTypes
        self.maxEntrySize = maxEntrySize
        self.lookupTimeout = lookupTimeout
        self.storeTimeout = storeTimeout
    }

    /// What the cache does for one request.
    public func use(of callType: CallType, _ controls: CacheControls) -> CacheUse {
        guard callTypes.contains(callType), !optIn || controls.useCache else { return .bypass }
        return CacheUse(mayRead: !controls.noCache, mayStore: !controls.noStore, isBypassed: false)
    }
}

/// What the cache may do for one request.
public struct CacheUse: Sendable, Hashable {
    public let mayRead: Bool
    public let mayStore: Bool
    /// The configuration keeps the cache out of it, whatever the request says: no key is needed.
    public let isBypassed: Bool

    static let bypass = CacheUse(mayRead: false, mayStore: false, isBypassed: true)
}
