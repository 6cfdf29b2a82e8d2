/// JSON string literals (RFC 8259 section 7).
extension String {
    /// Appends `text` as a JSON string literal, quotes included, or `null` where it is nil.
    ///
    /// Control characters are escaped, and so are the line separators that JSON allows and log readers take for line
    /// ends: U+007F, U+0085, U+2028 and U+2029.
    public mutating func appendJSON(_ text: String?) {
        guard let text else {
            self += "null"
            return
        }
        self += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: unicodeScalars.append(scalar)
            }
        }
        self += "\""
    }

    /// This text as a JSON string literal, quotes included.
    public var jsonLiteral: String {
        var literal = ""
        literal.appendJSON(self)
        return literal
    }
}
