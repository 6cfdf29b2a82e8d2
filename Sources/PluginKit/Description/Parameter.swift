import PluginAPI

/// One parameter of `cache_params`. The host checks its value, resolves `os.environ/NAME`, fills in the environment
/// and the default, and prints the documentation.
public struct Parameter: Sendable {
    /// What the host coerces a configured value to.
    public enum Kind: Sendable {
        case string, int, float, bool
        /// Seconds, or "250ms", "5s", "10m", "2h".
        case duration
        /// Bytes, or "64KB", "256MB", "1GiB"; all units are powers of 1024.
        case size
        /// One of the given words; read with `Parameters.string`.
        case choice([String])
        case stringList
        /// Anything; read as JSON text.
        case json
    }

    /// How the host treats a parameter.
    public struct Traits: OptionSet, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// There is no instance without it.
        public static let required = Traits(rawValue: GW_PARAM_REQUIRED)
        /// Never printed; the host overwrites its copy once the instance is made.
        public static let secret = Traits(rawValue: GW_PARAM_SECRET)
        /// Accepted with a warning that names `replacedBy` or the documentation.
        public static let deprecated = Traits(rawValue: GW_PARAM_DEPRECATED)
        /// Accepted with a warning that it has no effect.
        public static let ignored = Traits(rawValue: GW_PARAM_IGNORED)
        /// Left out of the documentation.
        public static let hidden = Traits(rawValue: GW_PARAM_HIDDEN)
    }

    /// `[a-z][a-z0-9_]*`
    public var name: String
    /// What the host coerces its value to.
    public var kind: Kind
    /// One line: what it means and in which unit.
    public var doc: String
    /// As it would be written. It is nil where the parameter is absent unless given.
    public var defaultValue: String?
    /// The environment variable that supplies it.
    public var environment: String?
    /// A value as it could be written.
    public var example: String?
    /// The heading that it stands under in the documentation.
    public var group: String?
    /// How the host treats it.
    public var traits: Traits
    /// Other names that it may be configured by.
    public var aliases: [String]
    /// What to use in place of a deprecated parameter.
    public var replacedBy: String?
    /// The lower bound, in the unit that it is read in: nanoseconds for durations, bytes for sizes.
    public var minimum: Double?
    /// The upper bound, in the same unit.
    public var maximum: Double?

    /// - Parameters:
    ///   - doc: one line, what it means and in which unit.
    ///   - defaultValue: as it would be written; without, the parameter is absent unless given.
    public init(
        _ name: String,
        _ kind: Kind,
        _ doc: String,
        default defaultValue: String? = nil,
        environment: String? = nil,
        example: String? = nil,
        group: String? = nil,
        traits: Traits = [],
        aliases: [String] = [],
        replacedBy: String? = nil,
        minimum: Double? = nil,
        maximum: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.doc = doc
        self.defaultValue = defaultValue
        self.environment = environment
        self.example = example
        self.group = group
        self.traits = traits
        self.aliases = aliases
        self.replacedBy = replacedBy
        self.minimum = minimum
        self.maximum = maximum
    }
}

extension Parameter.Kind {
    var code: UInt32 {
        switch self {
        case .string: GW_PARAM_STRING
        case .int: GW_PARAM_INT
        case .float: GW_PARAM_FLOAT
        case .bool: GW_PARAM_BOOL
        case .duration: GW_PARAM_DURATION
        case .size: GW_PARAM_SIZE
        case .choice: GW_PARAM_ENUM
        case .stringList: GW_PARAM_STRING_LIST
        case .json: GW_PARAM_JSON
        }
    }
}
