/// The documentation of all families, from the table.
public enum MetricReference {
    /// A table for each part, in Markdown, below headings of the third level.
    public static func markdown() -> String {
        MetricTable.parts.map { part in
            let rows = part.families.map { family in
                let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
                return "| `\(family.name)` | \(family.kind.word) | \(labels) | \(family.help) |"
            }
            let head = ["### \(part.title)", "", "| name | type | labels | meaning |", "| --- | --- | --- | --- |"]
            return (head + rows).joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }
}
