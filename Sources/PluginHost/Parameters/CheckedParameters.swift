import Text

/// The source of a value (`GW_SOURCE_...`). Later cases take precedence.
enum ValueSource: UInt32, Sendable {
    case defaultValue = 0
    case environment, configuration
}

/// The values for a plugin: checked and typed, with defaults and environment filled in.
///
/// Its description prints no value, since values may be secret.
public struct CheckedParameters: Sendable, Equatable, CustomStringConvertible {
    let parameters: [DeclaredParameter]
    let values: [String: ReadValue]
    /// The source of each value.
    let sources: [String: ValueSource]

    public var description: String {
        "parameters: " + values.keys.sorted().joined(separator: ", ")
    }

    /// What an operator is shown: each name with its value, in which secrets are replaced by `***`.
    public var printable: [(name: String, value: String)] {
        parameters.compactMap { parameter in
            guard let value = values[parameter.name] else { return nil }
            let text = parameter.isSecret ? "***" : SecretParts.hidden(in: Self.spell(value, parameter.kind))
            return (parameter.name, text)
        }
    }

    /// All values with their names, as one text that is the same for the same values only. It holds secrets.
    public var identity: String {
        values.keys.sorted().map { "\($0)=\(String(describing: values[$0]))" }.joined(separator: "\n")
    }

    /// The texts that must never appear in a log: the values of secret parameters, and the secret parts of others.
    var secrets: [String] {
        parameters.flatMap { parameter -> [String] in
            let texts: [String] =
                switch values[parameter.name] {
                case .text(let text), .json(let text): [text]
                case .list(let texts): texts
                case .integer(let number): [String(number)]
                case .real(let number): [String(number)]
                case .boolean, nil: []
                }
            if parameter.isSecret, sources[parameter.name] != .defaultValue { return texts.map(Self.unquoted) }
            return texts.flatMap(SecretParts.secrets(in:)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Removes the quotes from a JSON text that is one string.
    private static func unquoted(_ text: String) -> String {
        text.utf8.count >= 2 && text.utf8.first == 0x22 && text.utf8.last == 0x22
            ? String(text.dropFirst().dropLast()) : text
    }

    private static func spell(_ value: ReadValue, _ kind: DeclaredParameter.Kind) -> String {
        switch value {
        case .text(let text), .json(let text): text
        case .integer(let number):
            kind == .duration ? Quantity.duration(number) : kind == .size ? Quantity.size(number) : String(number)
        case .real(let number): String(number)
        case .boolean(let flag): flag ? "true" : "false"
        case .list(let texts): texts.joined(separator: ", ")
        }
    }
}
