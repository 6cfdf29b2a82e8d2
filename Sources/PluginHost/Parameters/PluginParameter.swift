/// A parameter that a plugin declares: `gw_param`, copied out of the plugin and checked.
public struct PluginParameter: Sendable, Equatable {
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

        public static let required = Flags(rawValue: 0x1)
        public static let secret = Flags(rawValue: 0x2)
        public static let deprecated = Flags(rawValue: 0x4)
        public static let ignored = Flags(rawValue: 0x8)
        public static let hidden = Flags(rawValue: 0x10)
    }

    public let name: String
    public let kind: Kind
    public let flags: Flags
    /// One line: what it means and in which unit.
    public let summary: String
    /// As it would be written; nil: absent unless given.
    public let defaultValue: String?
    /// The environment variable that supplies it where the configuration does not.
    public let environment: String?
    public let example: String?
    public let group: String?
    public let replacedBy: String?
    public let aliases: [String]
    public let choices: [String]
    /// Bounds, in the unit the plugin reads: nanoseconds for durations, bytes for sizes.
    public let minimum: Double?
    public let maximum: Double?

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
        minimum: Double? = nil,
        maximum: Double? = nil
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

    /// Whether its value is shown nowhere: the plugin says so, or its name does.
    public var isSecret: Bool {
        if flags.contains(.secret) { return true }
        switch kind {
        case .string, .json, .stringList: return SecretParts.isSecret(name: name)
        case .int, .float, .bool, .duration, .size, .choice: return false
        }
    }
    public var isRequired: Bool { flags.contains(.required) }
}
