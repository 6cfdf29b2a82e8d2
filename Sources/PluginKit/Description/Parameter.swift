import PluginAPI

/// One parameter of `cache_params`. The host checks its value, resolves `os.environ/NAME`, fills in the environment
/// and the default, and prints the documentation.
public struct Parameter: Sendable {
    /// The type that the host converts a configured value to.
    public enum Kind: Sendable {
        /// A text. A number or a boolean is taken as it is written.
        case string
        /// An integer.
        case int
        /// A number, which may have a fraction.
        case float
        /// A boolean.
        case bool
        /// A duration in seconds, or with a unit: "250ms", "5s", "10m", "2h".
        case duration
        /// A size in bytes, or with a unit: "64KB", "256MB", "1GiB". All units are powers of 1024.
        case size
        /// One of the given words. It is read with `Parameters.string`.
        case choice([String])
        /// A list of texts.
        case stringList
        /// Any value. It is read as JSON text.
        case json
    }

    /// How the host treats a parameter.
    public struct Traits: OptionSet, Sendable {
        /// The value as the C interface has it.
        public let rawValue: UInt32

        /// Makes one of the value that the C interface has.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// An instance cannot be made without it.
        public static let required = Traits(rawValue: GW_PARAM_REQUIRED)
        /// It is never printed, and the host overwrites its copy once the instance is made.
        public static let secret = Traits(rawValue: GW_PARAM_SECRET)
        /// It is accepted with a warning that names `replacedBy` or the documentation.
        public static let deprecated = Traits(rawValue: GW_PARAM_DEPRECATED)
        /// It is accepted with a warning that it has no effect.
        public static let ignored = Traits(rawValue: GW_PARAM_IGNORED)
        /// It is left out of the documentation.
        public static let hidden = Traits(rawValue: GW_PARAM_HIDDEN)
    }

    /// A bound of a number.
    public enum Bound: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
        /// The bound of an integer, of a duration in nanoseconds, or of a size in bytes.
        case whole(Int64)
        /// The bound of a number with a fraction.
        case real(Double)

        /// The bound that an integer literal means.
        public init(integerLiteral value: Int64) { self = .whole(value) }
        /// The bound that a literal with a fraction means.
        public init(floatLiteral value: Double) { self = .real(value) }

        /// The bound for a parameter that is read as an integer. A fraction is rounded.
        var whole: Int64 {
            switch self {
            case .whole(let bound): bound
            case .real(let bound): Int64(exactly: bound.rounded()) ?? (bound < 0 ? .min : .max)
            }
        }

        /// The bound for a parameter that is read as a floating-point number.
        var real: Double {
            switch self {
            case .whole(let bound): Double(bound)
            case .real(let bound): bound
            }
        }
    }

    /// The name, which matches `[a-z][a-z0-9_]*`.
    public var name: String
    /// The type that the host converts its value to.
    public var kind: Kind
    /// The meaning and the unit, in one line.
    public var doc: String
    /// The default as it would be written. It is nil where the parameter has no default.
    public var defaultValue: String?
    /// The environment variable that gives the value.
    public var environment: String?
    /// An example of a value.
    public var example: String?
    /// The heading of the parameter in the documentation.
    public var group: String?
    /// How the host treats it.
    public var traits: Traits
    /// Other names that it may be configured by.
    public var aliases: [String]
    /// The parameter that replaces a deprecated one.
    public var replacedBy: String?
    /// The lower bound in the unit that is read: nanoseconds for durations, bytes for sizes.
    public var minimum: Bound?
    /// The upper bound, in the same unit.
    public var maximum: Bound?

    /// - Parameters:
    ///   - doc: the meaning and the unit, in one line.
    ///   - defaultValue: the default as it would be written. If it is nil, the parameter has no default.
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
        minimum: Bound? = nil,
        maximum: Bound? = nil
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
