/// A parameter that a plugin declares: a checked copy of its `gw_param`.
public struct DeclaredParameter: Sendable, Equatable {
    /// What a configured value is read as (`GW_PARAM_...`).
    public enum Kind: UInt32, Sendable, CaseIterable {
        case string = 1
        case int, float, bool, duration, size, choice, stringList, json
    }

    /// `gw_param.flags`.
    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// An instance cannot be made without it.
        public static let required = Flags(rawValue: 0x1)
        /// Its value is never printed.
        public static let secret = Flags(rawValue: 0x2)
        /// It is accepted with a warning that names its replacement.
        public static let deprecated = Flags(rawValue: 0x4)
        /// It is accepted with a warning that it has no effect.
        public static let ignored = Flags(rawValue: 0x8)
        /// It is left out of the documentation.
        public static let hidden = Flags(rawValue: 0x10)
        /// It has a lower bound.
        static let hasMinimum = Flags(rawValue: 0x20)
        /// It has an upper bound.
        static let hasMaximum = Flags(rawValue: 0x40)
    }

    /// A bound of a number, in the unit that the plugin reads: nanoseconds for durations, bytes for sizes.
    public enum Bound: Sendable, Equatable {
        /// The bound of an integer, a duration or a size, which is exact.
        case whole(Int64)
        /// The bound of a number with a fraction.
        case real(Double)

        /// Whether one bound is not above another of the same kind. Nothing is above or below NaN.
        static func <= (left: Bound, right: Bound) -> Bool {
            switch (left, right) {
            case (.whole(let left), .whole(let right)): left <= right
            case (.real(let left), .real(let right)): left <= right
            case (.whole, .real), (.real, .whole): false
            }
        }
    }

    /// The name in `cache_params`: `[a-z][a-z0-9_]*`.
    public let name: String
    /// The type that its value is read as.
    public let kind: Kind
    /// How it is treated.
    public let flags: Flags
    /// The meaning and the unit, in one line.
    public let summary: String
    /// The default as it would be written. It is nil where the parameter has no default.
    public let defaultValue: String?
    /// The environment variable that gives the value where the configuration does not.
    public let environment: String?
    /// An example of a value.
    public let example: String?
    /// The heading of the parameter in the documentation.
    public let group: String?
    /// The parameter that replaces a deprecated one.
    public let replacedBy: String?
    /// Other names that it may be configured by.
    public let aliases: [String]
    /// The values that a `choice` may have.
    public let choices: [String]
    /// The lower bound. It is nil where there is none.
    public let minimum: Bound?
    /// The upper bound. It is nil where there is none.
    public let maximum: Bound?

    /// Makes a parameter. Optional properties are absent by default.
    public init(
        name: String,
        kind: Kind,
        flags: Flags = [],
        summary: String = "",
        defaultValue: String? = nil,
        environment: String? = nil,
        example: String? = nil,
        group: String? = nil,
        replacedBy: String? = nil,
        aliases: [String] = [],
        choices: [String] = [],
        minimum: Bound? = nil,
        maximum: Bound? = nil
    ) {
        self.name = name
        self.kind = kind
        self.flags = flags
        self.summary = summary
        self.defaultValue = defaultValue
        self.environment = environment
        self.example = example
        self.group = group
        self.replacedBy = replacedBy
        self.aliases = aliases
        self.choices = choices
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Whether its value is never printed, because of its flag or its name.
    public var isSecret: Bool {
        if flags.contains(.secret) { return true }
        switch kind {
        case .string, .json, .stringList: return SecretParts.isSecret(name: name)
        case .int, .float, .bool, .duration, .size, .choice: return false
        }
    }
    /// Whether an instance cannot be made without it.
    public var isRequired: Bool { flags.contains(.required) }
}
