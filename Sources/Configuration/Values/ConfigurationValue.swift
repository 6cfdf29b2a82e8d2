import Text

/// A value of a configuration file, independent of how YAML spells it.
public enum ConfigurationValue: Sendable, Hashable {
    /// A member of a mapping.
    public struct Member: Sendable, Hashable {
        /// The name of the member.
        public let key: String
        /// The value of the member.
        public let value: ConfigurationValue

        /// Makes a member of a mapping.
        public init(key: String, value: ConfigurationValue) {
            self.key = key
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case list([ConfigurationValue])
    /// The members in the order of the file, with each key once.
    case map([Member])
}

extension ConfigurationValue {
    /// The value as JSON text (RFC 8259). Infinities and NaN, which JSON lacks, become `null`.
    public var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    private func appendJSON(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .float(let number): text += number.isFinite ? "\(number)" : "null"
        case .string(let string): text.appendJSON(string)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.appendJSON(to: &text)
            }
            text += "]"
        case .map(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text.appendJSON(member.key)
                text += ":"
                member.value.appendJSON(to: &text)
            }
            text += "}"
        }
    }
}
