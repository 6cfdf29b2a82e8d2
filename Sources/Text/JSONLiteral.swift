/// JSON string literals (RFC 8259 section 7).
extension String {
    /// Hands this text over as a JSON string literal, quotes included, piece by piece.
    ///
    /// Control characters are escaped, and so are the line separators that JSON allows and log readers take for line
    /// ends: U+007F, U+0085, U+2028 and U+2029.
    public func writeJSONLiteral(_ write: (Substring) -> Void) {
        write("\"")
        var start = startIndex
        for index in unicodeScalars.indices {
            guard let escape = unicodeScalars[index].jsonEscape else { continue }
            if start < index { write(self[start..<index]) }
            write(escape)
            start = unicodeScalars.index(after: index)
        }
        if start < endIndex { write(self[start...]) }
        write("\"")
    }

    /// Appends `text` as a JSON string literal, or `null` where it is nil.
    public mutating func appendJSON(_ text: String?) {
        guard let text else { return append("null") }
        text.writeJSONLiteral { append(contentsOf: $0) }
    }

    /// This text as a JSON string literal.
    public var jsonLiteral: String {
        var literal = ""
        literal.appendJSON(self)
        return literal
    }
}

extension Unicode.Scalar {
    /// What stands for it within a JSON string literal. It is nil where it stands for itself.
    fileprivate var jsonEscape: Substring? {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}":
            let digits = String(value, radix: 16)
            return "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)"
        default: return nil
        }
    }
}
