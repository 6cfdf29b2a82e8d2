import Text

/// References such as `os.environ/NAME`, with which LiteLLM takes a value from the environment.
enum EnvironmentReference {
    private static let prefix = "os.environ/"

    /// Returns the node with every reference in it replaced. A variable whose value is a boolean becomes a boolean, as
    /// in LiteLLM's `get_secret`; every other value is a string.
    static func resolve(_ node: YAMLNode, in environment: MergedEnvironment, diagnostics: inout [Diagnostic])
        -> YAMLNode
    {
        var resolved = node
        switch node.content {
        case .scalar(let scalar):
            guard let name = name(in: scalar) else {
                if let mistake = mistake(in: scalar) {
                    diagnostics.append(Diagnostic(.warning, at: node.position, mistake))
                }
                return node
            }
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

    /// Returns a scalar in whose text every reference is replaced, as LiteLLM does in the headers of
    /// `pass_through_endpoints`: `Bearer os.environ/NAME`. The name of the variable ends at the first byte that is no
    /// letter, digit or underscore.
    static func resolveWithin(_ node: YAMLNode, in environment: MergedEnvironment, diagnostics: inout [Diagnostic])
        -> YAMLNode
    {
        guard case .scalar(let scalar) = node.content, scalar.value == .text,
            let first = scalar.text.firstRange(of: prefix)
        else { return node }
        var text = String(scalar.text[..<first.lowerBound])
        var rest = scalar.text[first.lowerBound...]
        var variable: String?
        while let reference = rest.firstRange(of: prefix) {
            text += rest[..<reference.lowerBound]
            let name = rest[reference.upperBound...].prefix {
                $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber)
            }
            variable = variable ?? String(name)
            guard let value = environment[String(name)] else {
                let message =
                    "the environment variable '\(String(name).quotable)' is not set; set it, or put it into .env"
                diagnostics.append(Diagnostic(.error, at: node.position, message))
                return node
            }
            text += value
            rest = rest[name.endIndex...]
        }
        return YAMLNode(
            content: .scalar(YAMLScalar(text: text + rest, value: .text, variable: variable)),
            position: node.position
        )
    }

    private static func name(in scalar: YAMLScalar) -> String? {
        guard scalar.value == .text, scalar.variable == nil, scalar.text.hasPrefix(prefix) else { return nil }
        return String(scalar.text.dropFirst(prefix.count))
    }

    /// The remark on a text that was probably meant as a reference. It is nil for any other text.
    private static func mistake(in scalar: YAMLScalar) -> String? {
        guard scalar.value == .text, scalar.variable == nil else { return nil }
        let text = scalar.text[...]
        for (opening, closing) in lookalikes where text.hasPrefix(opening) && text.hasSuffix(closing) {
            let name = text.dropFirst(opening.count).prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            guard !name.isEmpty else { continue }
            return "this is taken as text, not from the environment; write os.environ/\(String(name).quotable)"
        }
        if text.contains(prefix) {
            return "os.environ/NAME is replaced only where it is the whole value; here it is taken as text"
        }
        return nil
    }

    /// How references are written elsewhere: the text before the name, and the end of the text.
    private static let lookalikes = [
        (opening: "os.environ.", closing: ""), ("os.environ['", "']"), ("os.environ[\"", "\"]"), ("os.environ[", "]"),
        ("os.getenv('", "')"), ("os.getenv(\"", "\")"), ("${", "}"),
    ]

    private static func value(of text: String) -> ScalarValue {
        switch text.lowercased() {
        case "true": .bool(true)
        case "false": .bool(false)
        default: .text
        }
    }
}
