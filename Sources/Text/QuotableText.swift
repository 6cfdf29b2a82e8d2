extension String {
    /// The text in a form that can be quoted in a message: on one line, without control characters, and shortened to
    /// its first 64 characters (Unicode scalars).
    public var quotable: String { quotable(atMost: 64) }

    /// The text in the same form, shortened to its first `limit` characters (Unicode scalars).
    public func quotable(atMost limit: Int) -> String {
        var text = ""
        var shown = 0
        for scalar in unicodeScalars {
            guard shown < limit else { return text + "…" }
            shown += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
