import PluginConformance

/// The list of all checks with their rules as Markdown, which docs/plugin-checks.md has.
struct CheckTable {
    let checks: [ConformanceCheck]

    init(_ checks: [ConformanceCheck]) { self.checks = checks }

    var markdown: String {
        var lines = [
            "# The checks of `gateway plugins check`", "",
            "<!-- Made by `gateway plugins check --list`; `make reference` makes it anew. -->", "",
            "[plugin-checker.md](plugin-checker.md) explains how to use them.", "", "## Checks", "",
            "| check | rules | claim |", "| --- | --- | --- |",
        ]
        for check in checks {
            let rules = check.rules.map(\.description).joined(separator: ", ")
            let claim = check.claim + (check.isAdvice ? " What fails is a warning." : "")
            lines.append("| `\(check.id)` | \(rules) | \(claim) |")
        }
        lines += ["", "## Rules", "", "| rule | what it requires | checks |", "| --- | --- | --- |"]
        for rule in Rule.allCases {
            let count = ConformanceCheck.all.count { $0.rules.contains(rule) }
            lines.append("| \(rule) | \(rule.summary) | \(rule.reasonUnchecked.map { "none: \($0)" } ?? "\(count)") |")
        }
        return lines.joined(separator: "\n")
    }
}
