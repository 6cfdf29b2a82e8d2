import Text

/// Writes configured values as JSON (RFC 8259), which is how a plugin reads nested ones.
enum JSONText {
    static func of(_ value: PluginParameterValue) -> String {
        var text = ""
        append(value, to: &text)
        return text
    }

    private static func append(_ value: PluginParameterValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): text.appendJSON(value)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                append(item, to: &text)
            }
            text += "]"
        case .map(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text.appendJSON(member.name)
                text += ":"
                append(member.value, to: &text)
            }
            text += "}"
        }
    }
}
