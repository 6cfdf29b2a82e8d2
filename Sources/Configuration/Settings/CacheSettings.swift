public import CallTypes

/// A member of `cache_params` that belongs to the plugin and has not been checked against the plugin's schema.
public struct PluginParameter: Sendable, Hashable, CustomStringConvertible {
    /// The key as it is written in `cache_params`.
    public let name: String
    /// The value with `os.environ/NAME` resolved. `null` means that it is not set. It may be secret and must not be
    /// printed.
    public let value: ConfigurationValue
    /// A scalar's characters as written in the file or the environment, for parameters that are strings: `0123` is the
    /// number 83, but a password may be `0123`. It is nil for lists and mappings.
    public let text: String?
    /// The position of the key.
    public let keyPosition: SourcePosition
    /// The position of the value.
    public let valuePosition: SourcePosition
    /// Remarks on the value's references to the environment, which are reported if the plugin has such a parameter: an
    /// unset variable is an error, and is `null` in `value`.
    public let remarks: [Diagnostic]

    /// Makes a parameter from what was read.
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

    /// Whether the file sets the parameter, even if only to a variable that is not set.
    var isGiven: Bool { value != .null || !remarks.isEmpty }
}

/// The digest that a plugin's file must have, and where the configuration says so.
public struct PluginPin: Sendable, Hashable {
    /// SHA-256, in 64 hexadecimal digits.
    public let sha256: String
    /// The position of the value.
    public let position: SourcePosition

    public init(sha256: String, position: SourcePosition) { (self.sha256, self.position) = (sha256, position) }
}

/// The settings of the cache, where `litellm_settings.cache` is on.
public struct CacheSettings: Sendable, Hashable {
    /// The name of the backend in `libgateway-cache-<type>.so`. It matches `^[a-z][a-z0-9_-]{0,31}$`.
    public var type: String
    /// The reason for choosing this backend, in one sentence for the log.
    public var typeReason: String
    /// Whether only requests with `use-cache` are cached (`mode: default_off`).
    public var isOptIn: Bool
    /// The prefix of every cache key. It is `gateway` where this is nil.
    public var namespace: String?
    /// How long an answer stays fresh where the request does not say, in seconds. If it is nil, the backend decides.
    public var ttl: Double?
    /// The calls that are cached. If it is empty, nothing is cached.
    public var supportedCallTypes: CallTypeSet
    /// Whether answers to requests that continue an earlier answer are cached.
    public var cachesStateful: Bool
    /// The types of the tools run by providers whose results may be cached.
    public var cachedTools: [String]
    /// Answers larger than this, in bytes, are not stored.
    public var maxEntrySize: Int
    /// How long a request waits for the backend, in seconds.
    public var lookupTimeout: Double
    /// How long it may take until a purge of another gateway is noticed, in seconds.
    public var purgeInterval: Double
    /// How long an answer past its time to live is served while it is refreshed, in seconds (RFC 5861).
    public var staleWhileRevalidate: Double
    /// How long an answer past its time to live is served when the model fails, in seconds (RFC 5861).
    public var staleIfError: Double
    /// What happens to a call whose last client has disconnected.
    public var onDisconnect: OnDisconnect
    /// How fast a recorded stream is sent.
    public var replay: Replay
    /// The keys for sealing entries: the first key seals, and every key opens. If it is empty, entries are not sealed.
    public var entryKeys: [SecretKey]
    /// The digest that the plugin's file must have. It is nil where the file pins none.
    public var pin: PluginPin?
    /// The parameters of the plugin, in the order of the file.
    public var parameters: [PluginParameter]
    /// The position of `cache_params`, or of `cache` where there is no `cache_params`.
    public var position: SourcePosition
    /// The position of the type. It is `position` where the type is not given.
    public var typePosition: SourcePosition
    /// The position of the namespace. It is nil where the namespace is not given.
    public var namespacePosition: SourcePosition?

    /// What happens to a call to the model when the last client that waits for it disconnects.
    public enum OnDisconnect: String, Sendable, Hashable, CaseIterable {
        /// The call continues, to fill the cache, if at least half a typical answer has been received.
        case auto
        /// The call continues.
        case finish
        case cancel
    }

    /// How fast recorded streams are replayed.
    public enum Replay: String, Sendable, Hashable, CaseIterable {
        /// As fast as the client reads.
        case fast
        /// With the gaps between events that were recorded.
        case recorded
    }

    /// The greatest size of an entry in bytes, where the file does not set it.
    public static let defaultMaxEntrySize = 8 << 20
    /// How long a look-up may take in seconds, where the file does not set it.
    public static let defaultLookupTimeout = 0.25
    /// How long it may take until a purge of another gateway is noticed, in seconds, where the file does not set it. Each
    /// read of a bucket costs money.
    public static func defaultPurgeInterval(of type: String) -> Double { type == "s3" ? 10 : 0.5 }

    /// Makes settings with the defaults of `cache_params`. Times are in seconds, sizes in bytes.
    public init(
        type: String,
        typeReason: String,
        isOptIn: Bool = false,
        namespace: String? = nil,
        ttl: Double? = nil,
        supportedCallTypes: CallTypeSet = .all,
        cachesStateful: Bool = false,
        cachedTools: [String] = [],
        maxEntrySize: Int = defaultMaxEntrySize,
        lookupTimeout: Double = defaultLookupTimeout,
        purgeInterval: Double = 0.5,
        staleWhileRevalidate: Double = 0,
        staleIfError: Double = 0,
        onDisconnect: OnDisconnect = .auto,
        replay: Replay = .fast,
        entryKeys: [SecretKey] = [],
        pin: PluginPin? = nil,
        parameters: [PluginParameter] = [],
        position: SourcePosition,
        typePosition: SourcePosition? = nil,
        namespacePosition: SourcePosition? = nil
    ) {
        self.type = type
        self.typeReason = typeReason
        self.isOptIn = isOptIn
        self.namespace = namespace
        self.ttl = ttl
        self.supportedCallTypes = supportedCallTypes
        self.cachesStateful = cachesStateful
        self.cachedTools = cachedTools
        self.maxEntrySize = maxEntrySize
        self.lookupTimeout = lookupTimeout
        self.purgeInterval = purgeInterval
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
        self.onDisconnect = onDisconnect
        self.replay = replay
        self.entryKeys = entryKeys
        self.pin = pin
        self.parameters = parameters
        self.position = position
        self.typePosition = typePosition ?? position
        self.namespacePosition = namespacePosition
    }
}
