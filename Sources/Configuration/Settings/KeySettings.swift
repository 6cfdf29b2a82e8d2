/// An entry of `general_settings.keys`: a key for clients, and what its holders may do.
public struct KeySettings: Sendable, Hashable {
    /// How the file gives the key.
    public enum Credential: Sendable, Hashable {
        /// The key itself.
        case key(Secret)
        /// Its SHA-256 digest, 32 bytes.
        case digest([UInt8])
    }

    /// Whose entries in the cache the holders of the key share.
    public enum CacheScope: String, Sendable, Hashable, CaseIterable {
        /// Nobody's but their own.
        case own
        /// Those of the master key and of all other keys that say so.
        case shared
    }

    /// A name of `models`.
    public struct Model: Sendable, Hashable {
        /// The name, in which `*` stands for any part.
        public let name: String
        /// The position of the name in the file.
        public let position: SourcePosition

        /// Makes a name.
        public init(_ name: String, at position: SourcePosition = SourcePosition(file: "")) {
            self.name = name
            self.position = position
        }
    }

    /// `name`: the tenant.
    public var name: String
    /// `key` or `key_sha256`.
    public var credential: Credential
    /// `models`: the names that may be requested, in which `*` stands for any part. It is nil where all may.
    public var models: [Model]?
    /// `cache_scope`.
    public var cacheScope: CacheScope
    /// `allowed_cache_controls`: the controls of the cache that requests may have. It is nil where all may.
    public var cacheControls: [ClientControl]?
    /// `max_ttl`: the longest time, in seconds, for which a request may have its answer kept.
    public var longestTimeToLive: Double?
    /// `rpm`: requests that are admitted in a minute.
    public var requestsPerMinute: Int?
    /// `max_parallel_requests`: requests that are answered at a time.
    public var parallelRequests: Int?
    /// `expires`: from when on the key admits nobody.
    public var expiry: Expiry?
    /// The position of the name in the file.
    public var namePosition: SourcePosition
    /// The position of the key or of its digest in the file.
    public var credentialPosition: SourcePosition

    /// Makes settings without limits.
    public init(
        name: String,
        credential: Credential,
        namePosition: SourcePosition = SourcePosition(file: ""),
        credentialPosition: SourcePosition = SourcePosition(file: "")
    ) {
        self.name = name
        self.credential = credential
        cacheScope = .own
        self.namePosition = namePosition
        self.credentialPosition = credentialPosition
    }
}

/// A control of the cache that a client may use, by the name under which `allowed_cache_controls` lists it.
public enum ClientControl: String, Sendable, Hashable, CaseIterable {
    case ttl
    /// `s-maxage` or `s-max-age` in the body, and `max-age` in Cache-Control.
    case maxAge = "s-maxage"
    case noCache = "no-cache"
    case noStore = "no-store"
    case namespace
    case useCache = "use-cache"
    case onlyIfCached = "only-if-cached"
    case maxStale = "max-stale"
    case minFresh = "min-fresh"
    case tags
    /// `caching: false` in the body.
    case caching
    /// `cache_key` in the body.
    case cacheKey = "cache_key"
}
