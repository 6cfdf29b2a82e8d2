/// The documentation of the providers, generated from their table.
public enum ProviderReference {
    /// A Markdown table with a row for each provider, in the order of their names.
    public static func markdown() -> String {
        let rows = Provider.table.sorted { $0.name < $1.name }.map { provider in
            let base = provider.defaultBase.map { "`\($0)`" } ?? "none: it needs `api_base`"
            return "| `\(provider.name)` | \(base) | \(list(provider.baseVariables)) | \(list(provider.keyVariables)) |"
        }
        let head = [
            "| Name | Address | Variables of the address | Variables of the key |", "| --- | --- | --- | --- |",
        ]
        return (head + rows).joined(separator: "\n") + "\n"
    }

    private static func list(_ variables: [String]) -> String {
        variables.map { "`\($0)`" }.joined(separator: ", ")
    }
}
