import Text

/// Where a value comes from (`GW_SOURCE_...`), the stronger ones last.
enum ValueSource: UInt32, Sendable {
    case defaultValue = 0
    case environment, configuration
}

/// The values that a plugin will read: checked, typed, with defaults and environment filled in.
///
/// Prints no value: it may hold secrets.
public struct CheckedParameters: Sendable, CustomStringConvertible {
    let parameters: [DeclaredParameter]
    let values: [String: ReadValue]
    /// Where each value comes from.
    let sources: [String: ValueSource]

    public var description: String {
        "parameters: " + values.keys.sorted().joined(separator: ", ")
    }

    /// What is shown to an operator: each name with its value, secrets as `***`, also those within a value.
    public var printable: [(name: String, value: String)] {
        parameters.compactMap { parameter in
            guard let value = values[parameter.name] else { return nil }
            let text = parameter.isSecret ? "***" : SecretParts.hidden(in: Self.spell(value, parameter.kind))
            return (parameter.name, text)
        }
    }

    /// The texts that must never appear in a log: the values of secret parameters, and what is secret within others.
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

    /// A JSON text that is one string, without its quotes.
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
