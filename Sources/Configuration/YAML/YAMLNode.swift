/// A node of a document whose aliases and merge keys have been resolved.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLMember])
    }

    var content: Content
    /// The position where the node begins. For an aliased node it is the position of its anchor.
    let position: SourcePosition
}

struct YAMLScalar: Sendable {
    /// The characters without quotes and escapes.
    var text: String
    var value: ScalarValue
    /// The variable that the text was taken from, where it was written as `os.environ/NAME`.
    var variable: String?

    init(text: String, value: ScalarValue, variable: String? = nil) {
        self.text = text
        self.value = value
        self.variable = variable
    }
}

struct YAMLMember: Sendable {
    let key: String
    let keyPosition: SourcePosition
    var value: YAMLNode
}

extension YAMLNode {
    /// The member of a mapping. It is nil where there is none, or where it is null.
    subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key && !$0.value.isNull }?.value
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.value == .null } else { false }
    }

    /// The kind of the node, for a message that must not reveal its value.
    var kind: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: "nothing"
            case .bool: "a boolean"
            case .int, .float: "a number"
            case .text: scalar.text.isEmpty ? "an empty string" : "a string"
            }
        }
    }

    var value: ConfigurationValue {
        switch content {
        case .sequence(let items): .list(items.map(\.value))
        case .mapping(let members): .map(members.map { ConfigurationValue.Member(key: $0.key, value: $0.value.value) })
        case .scalar(let scalar):
            switch scalar.value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .int(let number): .int(number)
            case .float(let number): .float(number)
            case .text: .string(scalar.text)
            }
        }
    }
}
