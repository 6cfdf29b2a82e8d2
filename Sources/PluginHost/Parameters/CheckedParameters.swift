/// Where a value comes from (`GW_SOURCE_...`), the stronger ones last.
enum ParameterSource: UInt32, Sendable {
    case defaultValue = 0
    case environment, configuration
}

/// The values that a plugin will read: checked, typed, with defaults and environment filled in.
///
/// Prints no value: it may hold secrets.
public struct CheckedParameters: Sendable, CustomStringConvertible {
    let parameters: [PluginParameter]
    let values: [String: ReadValue]
    /// Where each value comes from.
    let sources: [String: ParameterSource]

    public var description: String {
        "parameters: " + values.keys.sorted().joined(separator: ", ")
    }

    /// What is shown to an operator: each name with its value, secrets as `***`.
    public var printable: [(name: String, value: String)] {
        parameters.compactMap { parameter in
            guard let value = values[parameter.name] else { return nil }
            return (parameter.name, parameter.isSecret ? "***" : Self.spell(value, parameter.kind))
        }
    }

    /// The texts that must never appear in a log.
    var secrets: [String] {
        parameters.filter(\.isSecret).flatMap { parameter -> [String] in
            switch values[parameter.name] {
            case .text(let text), .json(let text): [text]
            case .list(let texts): texts
            case .integer(let number): [String(number)]
            case .real(let number): [String(number)]
            case .boolean, nil: []
            }
        }
    }

    private static func spell(_ value: ReadValue, _ kind: PluginParameter.Kind) -> String {
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
