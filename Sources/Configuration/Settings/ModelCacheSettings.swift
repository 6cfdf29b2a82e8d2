/// `cache` of an entry of `model_list`: how the cache is used for the model, where that differs from `cache_params`.
public struct ModelCacheSettings: Sendable, Hashable {
    /// Which requests are cached.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// All that do not opt out.
        case defaultOn = "default_on"
        /// Those with `use-cache`.
        case defaultOff = "default_off"
        /// None.
        case off
    }

    /// Conditions, all of which a request must meet to be cached.
    public struct Conditions: Sendable, Hashable {
        /// The greatest temperature.
        public var maxTemperature: Double?
        /// Whether the request must offer the model no tools.
        public var noTools: Bool?
        /// The greatest number of messages.
        public var maxMessages: Int?
        /// The greatest size of the body in bytes.
        public var maxBytes: Int?

        public init() {}

        /// Whether there are none.
        public var isEmpty: Bool { self == Conditions() }
    }

    /// It is nil where that of `cache_params` applies.
    public var mode: Mode?
    /// How long an answer stays fresh where the request does not say, in seconds.
    public var ttl: Double?
    public var conditions = Conditions()
    /// The members of requests that are not part of the cache key.
    public var ignoredMembers: [String] = []

    public init() {}
}
