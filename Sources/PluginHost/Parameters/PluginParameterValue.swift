/// A value as configured, before a plugin's declaration gives it a type.
public enum PluginParameterValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case list([PluginParameterValue])
    case map([Member])

    /// A member of a map, in the order written.
    public struct Member: Sendable, Equatable {
        /// The key as written.
        public let name: String
        /// The value of the member.
        public let value: PluginParameterValue

        /// Makes a member of a map.
        public init(_ name: String, _ value: PluginParameterValue) {
            self.name = name
            self.value = value
        }
    }

    /// The name of this kind of value in messages.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double: "a number"
        case .string: "text"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The scalar as it would be written. It is nil for lists, maps and null.
    var written: String? {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): value
        case .null, .list, .map: nil
        }
    }
}
