import Spelling

/// `os.environ/NAME`: LiteLLM's way to take a value from the environment.
enum EnvironmentReference {
    private static let prefix = "os.environ/"

    /// The node with every reference in it replaced. A variable that says true or false becomes a boolean, as LiteLLM's
    /// `get_secret` makes it; everything else is a string.
    static func resolve(_ node: YAMLNode, in environment: MergedEnvironment, diagnostics: inout [Diagnostic])
        -> YAMLNode
    {
        var resolved = node
        switch node.content {
        case .scalar(let scalar):
            guard let name = name(in: scalar) else { return node }
            guard let text = environment[name] else {
                let message = "the environment variable '\(name.quotable)' is not set; set it, or put it into .env"
                diagnostics.append(Diagnostic(.error, at: node.position, message))
                return YAMLNode(
                    content: .scalar(YAMLScalar(text: "", value: .null, variable: name)),
                    position: node.position
                )
            }
            resolved.content = .scalar(YAMLScalar(text: text, value: value(of: text), variable: name))
        case .sequence(let items):
            resolved.content = .sequence(items.map { resolve($0, in: environment, diagnostics: &diagnostics) })
        case .mapping(let members):
            resolved.content = .mapping(
                members.map { member in
                    let value = resolve(member.value, in: environment, diagnostics: &diagnostics)
                    return YAMLMember(key: member.key, keyPosition: member.keyPosition, value: value)
                }
            )
        }
        return resolved
    }

    private static func name(in scalar: YAMLScalar) -> String? {
        guard scalar.value == .text, scalar.variable == nil, scalar.text.hasPrefix(prefix) else { return nil }
        return String(scalar.text.dropFirst(prefix.count))
    }

    private static func value(of text: String) -> ScalarValue {
        switch text.lowercased() {
        case "true": .bool(true)
        case "false": .bool(false)
        default: .text
        }
    }
}
