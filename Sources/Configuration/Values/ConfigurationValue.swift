import JSON
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
        var writer = JSONWriter()
        write(to: &writer)
        return writer.text
    }

    private func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let flag): json.bool(flag)
        case .int(let number): json.integer(Int(number))
        case .float(let number): json.number(number)
        case .string(let string): json.string(string)
        case .list(let items):
            json.array { json in
                for item in items { item.write(to: &json) }
            }
        case .map(let members):
            json.object { json in
                for member in members { json.member(named: member.key) { member.value.write(to: &$0) } }
            }
        }
    }
}
