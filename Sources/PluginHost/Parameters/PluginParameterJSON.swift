import JSON

extension PluginParameterValue {
    /// The value as JSON (RFC 8259), the form in which a plugin reads nested values.
    var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.text
    }

    private func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .int(let value): json.integer(Int(value))
        case .double(let value): json.number(value)
        case .string(let value): json.string(value)
        case .list(let items): json.array { for item in items { item.write(to: &$0) } }
        case .map(let members):
            json.object { object in
                for member in members { object.member(named: member.name) { member.value.write(to: &$0) } }
            }
        }
    }
}
