import Text

/// The documentation of a plugin's parameters, generated from its declarations.
public struct PluginDocumentation: Sendable {
    private let parameters: [DeclaredParameter]

    /// - Parameter parameters: the parameters, of which hidden ones are left out.
    public init(parameters: [DeclaredParameter]) {
        self.parameters = parameters.filter { !$0.flags.contains(.hidden) }
    }

    /// The documentation for a terminal: one paragraph for each parameter, by group.
    public var text: String {
        var lines: [String] = []
        for (group, members) in groups {
            if let group {
                if !lines.isEmpty { lines.append("") }
                lines.append("\(group):")
            }
            for parameter in members {
                lines.append("  \(parameter.name)  (\(facts(parameter).joined(separator: "; ")))")
                if !parameter.summary.isEmpty { lines.append("      \(parameter.summary)") }
            }
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    /// The documentation as a Markdown table.
    public var markdown: String {
        var lines = ["| Parameter | Type | Default | Environment | Meaning |", "|---|---|---|---|---|"]
        for parameter in groups.flatMap(\.members) {
            let cells = [
                "`\(parameter.name)`",
                type(parameter) + (parameter.isRequired ? ", required" : "") + (parameter.isSecret ? ", secret" : ""),
                shownDefault(parameter).map { "`\($0)`" } ?? "",
                parameter.environment.map { "`\($0)`" } ?? "",
                ([parameter.summary] + remarks(parameter)).filter { !$0.isEmpty }.joined(separator: ". "),
            ]
            lines.append("| " + cells.map(Self.cell).joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var groups: [(group: String?, members: [DeclaredParameter])] {
        var order: [String?] = []
        for parameter in parameters where !order.contains(parameter.group) { order.append(parameter.group) }
        return order.map { group in (group, parameters.filter { $0.group == group }) }
    }

    private func facts(_ parameter: DeclaredParameter) -> [String] {
        var facts = [type(parameter)]
        if parameter.isRequired { facts.append("required") }
        if parameter.isSecret { facts.append("secret") }
        if let value = shownDefault(parameter) { facts.append("default \(value)") }
        if let range = range(parameter) { facts.append(range) }
        if let variable = parameter.environment { facts.append("environment \(variable)") }
        if let example = parameter.example { facts.append("example \(example)") }
        return facts + remarks(parameter)
    }

    /// The default, in which secrets are hidden.
    private func shownDefault(_ parameter: DeclaredParameter) -> String? {
        parameter.defaultValue.map { parameter.isSecret ? "***" : SecretParts.hidden(in: $0) }
    }

    private func remarks(_ parameter: DeclaredParameter) -> [String] {
        var remarks: [String] = []
        if !parameter.aliases.isEmpty { remarks.append("also " + parameter.aliases.joined(separator: ", ")) }
        if parameter.flags.contains(.deprecated) {
            remarks.append("deprecated" + (parameter.replacedBy.map { ", use \($0)" } ?? ""))
        }
        if parameter.flags.contains(.ignored) { remarks.append("has no effect") }
        return remarks
    }

    private func type(_ parameter: DeclaredParameter) -> String {
        switch parameter.kind {
        case .string: "text"
        case .int: "integer"
        case .float: "number"
        case .bool: "boolean"
        case .duration: "duration"
        case .size: "size"
        case .choice: parameter.choices.joined(separator: " or ")
        case .stringList: "list of texts"
        case .json: "any"
        }
    }

    private func range(_ parameter: DeclaredParameter) -> String? {
        func spell(_ bound: DeclaredParameter.Bound) -> String {
            switch (bound, parameter.kind) {
            case (.whole(let whole), .duration): Quantity.duration(whole)
            case (.whole(let whole), .size): Quantity.size(whole)
            case (.whole(let whole), _): String(whole)
            case (.real(let real), _): Int64(exactly: real).map { String($0) } ?? String(real)
            }
        }
        switch (parameter.minimum, parameter.maximum) {
        case (nil, nil): return nil
        case (let minimum?, nil): return "at least \(spell(minimum))"
        case (nil, let maximum?): return "at most \(spell(maximum))"
        case (let minimum?, let maximum?): return "\(spell(minimum)) to \(spell(maximum))"
        }
    }

    private static func cell(_ text: String) -> String {
        var cell = ""
        for character in text { cell += character == "|" ? "\\|" : character == "\n" ? " " : String(character) }
        return cell
    }
}
