/// What becomes of LiteLLM's keys, generated from the tables that drive the parsing and `LiteLLMComparison`.
public enum MigrationReference {
    /// The parameters of LiteLLM's cache that a plugin takes over.
    public struct CacheType: Sendable {
        /// The type of the cache.
        public let type: String
        /// The names of the plugin's parameters, and their further names.
        public let parameters: Set<String>
        /// Those among them that it accepts and ignores.
        public let ignored: Set<String>

        /// Makes a list of a plugin's parameters.
        public init(type: String, parameters: Set<String>, ignored: Set<String> = []) {
            self.type = type
            self.parameters = parameters
            self.ignored = ignored
        }
    }

    /// One part for each section of the file, as Markdown.
    ///
    /// - Parameter caches: the plugins that there are.
    public static func markdown(_ caches: [CacheType]) -> String {
        [
            Section<SettingsDraft>.file.migration(title: "The file", LiteLLMComparison.file),
            Section<ModelDraft>.model.migration(title: "`model_list`, each entry", LiteLLMComparison.model),
            Section<ModelDraft.ParamsDraft>.litellmParams.migration(
                title: "`litellm_params`",
                LiteLLMComparison.litellmParams
            ),
            Section<SettingsDraft.LiteLLMDraft>.litellmSettings.migration(
                title: "`litellm_settings`",
                LiteLLMComparison.litellmSettings
            ),
            Section<CacheDraft>.cacheParams.migration(title: "`cache_params`", LiteLLMComparison.cacheParams),
            cacheParameters(caches),
            Section<SettingsDraft.GeneralDraft>.generalSettings.migration(
                title: "`general_settings`",
                LiteLLMComparison.generalSettings
            ),
            Section<SettingsDraft.RouterDraft>.routerSettings.migration(
                title: "`router_settings`",
                LiteLLMComparison.routerSettings
            ),
        ].joined(separator: "\n")
    }

    /// What becomes of the parameters that belong to one of LiteLLM's types of caches.
    private static func cacheParameters(_ caches: [CacheType]) -> String {
        var lines = ["### `cache_params` of single types", ""]
        lines += ["| LiteLLM's type | here | no effect, with a warning |", "| --- | --- | --- |"]
        for (types, names) in LiteLLMKeys.cacheParameterOwners {
            let title = types.map { "`\($0)`" }.joined(separator: ", ")
            guard let cache = caches.first(where: { types.contains($0.type) }) else {
                lines.append("| \(title) | there is no such cache | \(Self.list(names.sorted())) |")
                continue
            }
            let taken = names.filter { cache.parameters.contains($0) && !cache.ignored.contains($0) }
            lines.append(
                "| \(title) | \(Self.list(taken.sorted())) | \(Self.list(names.subtracting(taken).sorted())) |"
            )
        }
        lines += ["", "Whatever the type is:", ""]
        lines += LiteLLMKeys.cacheParametersWithoutEffect.map { "- `\($0.name)` has no effect: \($0.instead)." }
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", ")
    }
}

extension Section {
    /// The keys in four groups: those that mean the same, those that differ, those without effect, and those that LiteLLM
    /// does not have.
    fileprivate func migration(title: String, _ comparison: LiteLLMComparison.Keys) -> String {
        let known = parameters.map(\.name).filter { comparison.known.contains($0) }
        let own = parameters.map(\.name).filter { !comparison.known.contains($0) }
        let different = known.filter { comparison.notes[$0] != nil }
        let inert = withoutEffect.sorted()
        let replaced = inert.filter { comparison.notes[$0] != nil }
        var lines = ["### \(title)", ""]
        lines.append("The same: \(MigrationReference.list(known.filter { comparison.notes[$0] == nil })).")
        if !different.isEmpty || !replaced.isEmpty {
            lines += ["", "| key | here | |", "| --- | --- | --- |"]
            for (names, state) in [(different, "different"), (replaced, "no effect, with a warning")] {
                for name in names { lines.append("| `\(name)` | \(state) | \(comparison.notes[name] ?? "") |") }
            }
        }
        let others = inert.filter { comparison.notes[$0] == nil }
        if !others.isEmpty {
            lines += ["", "No effect, with a warning, and nothing in their place: \(MigrationReference.list(others))."]
        }
        if !own.isEmpty { lines += ["", "Only here: \(MigrationReference.list(own))."] }
        return lines.joined(separator: "\n") + "\n"
    }
}
