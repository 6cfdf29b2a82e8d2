/// A JSON text (RFC 8259) as a value, for parameters of kind `json` and for small answers of a backend's services.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    /// In the order written. Of members with the same name the last one counts.
    case object([Member])

    /// A member of an object.
    public struct Member: Equatable, Sendable {
        /// Its name, without escapes.
        public let name: String
        /// Its value.
        public let value: JSONValue
    }

    /// Reads a whole text; nil if it is not JSON, or nested deeper than 64 levels.
    public init?(parsing text: some StringProtocol) {
        var reader = JSONReader(Array(text.utf8))
        guard let value = reader.whole() else { return nil }
        self = value
    }

    /// The member with a name; nil if there is none or this is no object. Names are compared byte by byte: they may come
    /// from outside, and comparing texts would normalise them.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The text of a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The items of an array.
    public var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// An integer, also one that is written as a text, as configurations like to: `"6379"`.
    public var integer: Int64? {
        switch self {
        case .int(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }
}
