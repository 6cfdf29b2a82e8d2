/// What differs between two configurations, a line for each value.
struct ConfigurationChanges {
    /// The lines, such as `~ litellm_settings.cache_params.ttl: 60 -> 120`. `+` is new, `-` is gone, `~` has changed.
    let lines: [String]
    /// What happens to the cache backend. It is nil where there is none before and after.
    let backend: Backend?

    enum Backend: String, CustomStringConvertible {
        case kept = "kept with its entries"
        case replaced = "replaced by another one"
        case added, removed

        var description: String { rawValue }
    }

    /// The most lines that are told.
    static let mostLines = 200

    init(from old: ConfigurationSummary, to new: ConfigurationSummary) {
        // The names are compared as bytes, because they come from a file.
        let before = Self.table(old)
        let after = Self.table(new)
        var lines: [String] = []
        for (path, value) in old.values where path != ConfigurationSummary.backend && after[Array(path.utf8)] == nil {
            lines.append("- \(path): \(value.shown)")
        }
        for (path, value) in new.values where path != ConfigurationSummary.backend {
            switch before[Array(path.utf8)] {
            case nil: lines.append("+ \(path): \(value.shown)")
            case value?: break
            case let earlier? where earlier.shown != value.shown:
                lines.append("~ \(path): \(earlier.shown) -> \(value.shown)")
            case .some: lines.append("~ \(path): \(value.shown), whose value has changed")
            }
        }
        if lines.count > Self.mostLines {
            let rest = lines.count - Self.mostLines
            lines = lines.prefix(Self.mostLines) + ["and \(rest) more"]
        }
        self.lines = lines
        let key = Array(ConfigurationSummary.backend.utf8)
        backend =
            switch (before[key], after[key]) {
            case (nil, nil): nil
            case (nil, .some): .added
            case (.some, nil): .removed
            case (let earlier?, let later?): earlier == later ? .kept : .replaced
            }
    }

    private static func table(_ summary: ConfigurationSummary) -> [[UInt8]: ConfigurationSummary.Value] {
        Dictionary(summary.values.map { (Array($0.path.utf8), $0.value) }) { first, _ in first }
    }
}
