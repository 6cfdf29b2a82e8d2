/// A JSON text (RFC 8259) as a value, for parameters of kind `json` and for small answers of a backend's services.
public enum JSONValue: Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without a fraction or an exponent that fits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    /// A string, without escapes.
    case string(String)
    /// The items of an array.
    case array([JSONValue])
    /// The members in the order written. Of members with the same name the last one counts.
    case object([Member])

    /// A member of an object.
    public struct Member: Equatable, Sendable {
        /// The name without escapes.
        public let name: String
        /// The value of the member.
        public let value: JSONValue
    }

    /// Reads a whole text. It is nil if the text is not JSON, or is nested deeper than 64 levels.
    public init?(parsing text: some StringProtocol) {
        var reader = JSONReader(Array(text.utf8))
        guard let value = reader.whole() else { return nil }
        self = value
    }

    /// The member with a name. It is nil if there is none or this is not an object. Names are compared byte by byte:
    /// they may come from outside, and comparing Strings would normalise them.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The text of a string. It is nil for any other kind.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The items of an array. It is nil for any other kind.
    public var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// The value of an integer, which may be written as a text, as is common in configurations: `"6379"`.
    public var integer: Int64? {
        switch self {
        case .int(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }
}
