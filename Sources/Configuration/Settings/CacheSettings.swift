public import CallTypes

/// A member of `cache_params` that belongs to the plugin, not yet held against the plugin's schema.
public struct PluginParameter: Sendable, Hashable, CustomStringConvertible {
    /// The key as it is written in `cache_params`.
    public let name: String
    /// The value, `os.environ/NAME` resolved. `null` means: not set. May be secret: never print it.
    public let value: ConfigurationValue
    /// A scalar's characters as the file or the environment has them (`0123` is the number 83, but a password is `0123`),
    /// for parameters that are strings. Nil for lists and mappings.
    public let text: String?
    /// Where the key stands.
    public let keyPosition: SourcePosition
    /// Where the value stands.
    public let valuePosition: SourcePosition
    /// What is to be said of the value's references to the environment if the plugin has such a parameter: an unset
    /// variable is an error, and stands in `value` as `null`.
    public let remarks: [Diagnostic]

    /// A parameter as it was read.
    public init(
        name: String,
        value: ConfigurationValue,
        text: String? = nil,
        keyPosition: SourcePosition,
        valuePosition: SourcePosition,
        remarks: [Diagnostic] = []
    ) {
        self.name = name
        self.value = value
        self.text = text
        self.keyPosition = keyPosition
        self.valuePosition = valuePosition
        self.remarks = remarks
    }

    public var description: String { "\(name): <redacted>" }

    /// Whether the file says anything of it, be it a reference to a variable that is not set.
    var isGiven: Bool { value != .null || !remarks.isEmpty }
}

/// The cache, where `litellm_settings.cache` is on.
public struct CacheSettings: Sendable, Hashable {
    /// The backend: `libgateway-cache-<type>.so`. Matches `^[a-z][a-z0-9_-]{0,31}$`.
    public var type: String
    /// Why this backend, in one sentence for the log.
    public var typeReason: String
    /// `mode: default_off`: only requests with `use-cache` are cached.
    public var isOptIn: Bool
    /// The prefix of every cache key. It is `gateway` where this is nil.
    public var namespace: String?
    /// How long an answer stays fresh where the request does not say, in seconds. Nil leaves it to the backend.
    public var ttl: Double?
    /// Empty caches nothing.
    public var supportedCallTypes: CallTypeSet
    /// Answers larger than this, in bytes, are not stored.
    public var maxEntrySize: Int
    /// How long a request waits for the backend, in seconds.
    public var lookupTimeout: Double
    /// How long an answer past its time is served while it is refreshed, in seconds (RFC 5861).
    public var staleWhileRevalidate: Double
    /// How long an answer past its time is served when the model fails, in seconds (RFC 5861).
    public var staleIfError: Double
    /// What becomes of a call whose last client has left.
    public var onDisconnect: OnDisconnect
    /// How fast a recorded stream is sent.
    public var replay: Replay
    /// What entries are sealed with: the first one seals, all open. Empty: entries are not sealed.
    public var entryKeys: [SecretKey]
    /// What the plugin gets, in the order of the file.
    public var parameters: [PluginParameter]
    /// Where `cache_params` stands, else where `cache` does.
    public var position: SourcePosition
    /// Where the type is named, else `position`.
    public var typePosition: SourcePosition

    /// What becomes of a call to the model when the last client that waits for it goes away.
    public enum OnDisconnect: String, Sendable, Hashable, CaseIterable {
        /// It goes on, to fill the cache, where at least half a typical answer has come.
        case auto
        /// It goes on.
        case finish
        case cancel
    }

    /// How fast recorded streams are replayed.
    public enum Replay: String, Sendable, Hashable, CaseIterable {
        /// As fast as the client reads.
        case fast
        /// With the gaps that they came with.
        case recorded
    }

    /// Bytes of the largest entry, where the file does not say.
    public static let defaultMaxEntrySize = 8 << 20
    /// Seconds that a look-up may take, where the file does not say.
    public static let defaultLookupTimeout = 0.25

    /// What `cache_params` says, with the usual where it says nothing; times are in seconds, sizes in bytes.
    public init(
        type: String,
        typeReason: String,
        isOptIn: Bool = false,
        namespace: String? = nil,
        ttl: Double? = nil,
        supportedCallTypes: CallTypeSet = .all,
        maxEntrySize: Int = defaultMaxEntrySize,
        lookupTimeout: Double = defaultLookupTimeout,
        staleWhileRevalidate: Double = 0,
        staleIfError: Double = 0,
        onDisconnect: OnDisconnect = .auto,
        replay: Replay = .fast,
        entryKeys: [SecretKey] = [],
        parameters: [PluginParameter] = [],
        position: SourcePosition,
        typePosition: SourcePosition? = nil
    ) {
        self.type = type
        self.typeReason = typeReason
        self.isOptIn = isOptIn
        self.namespace = namespace
        self.ttl = ttl
        self.supportedCallTypes = supportedCallTypes
        self.maxEntrySize = maxEntrySize
        self.lookupTimeout = lookupTimeout
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
        self.onDisconnect = onDisconnect
        self.replay = replay
        self.entryKeys = entryKeys
        self.parameters = parameters
        self.position = position
        self.typePosition = typePosition ?? position
    }
}
