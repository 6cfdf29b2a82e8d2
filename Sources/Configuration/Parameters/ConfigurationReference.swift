/// The documentation of every known key, generated from the tables that drive the parsing.
public enum ConfigurationReference {
    /// The gateway's own keys of `cache_params`. Every other key there is the plugin's.
    public static var cacheKeys: [String] { Section<CacheDraft>.cacheParams.parameters.map(\.name) }

    /// The remark on a key of `cache_params` that is neither the gateway's nor the chosen plugin's: a parameter of
    /// another of LiteLLM's cache types, or one without effect here. It is nil for an unknown key.
    ///
    /// - Parameter type: The chosen cache type.
    public static func remark(onCacheParameter name: String, of type: String) -> String? {
        for owner in LiteLLMKeys.cacheParameterOwners where owner.names.contains(name) && !owner.types.contains(type) {
            return foreign(name, of: owner.types, in: type)
        }
        for known in LiteLLMKeys.cacheParametersWithoutEffect where known.name == name {
            return "'\(name)' in cache_params is accepted from LiteLLM, but has no effect here; \(known.instead)"
        }
        return nil
    }

    /// The remark on a parameter of other cache types than the chosen one.
    public static func foreign(_ name: String, of owners: [String], in type: String) -> String {
        let owner = owners.map { "'\($0)'" }.joined(separator: " or ")
        return
            "'\(name)' in cache_params belongs to cache type \(owner) and has no effect with type '\(type)'; remove it"
    }

    /// The sections that a key belongs to, as written in messages: `in litellm_settings`.
    public static func sections(having key: String) -> [String] { KeyPlaces.sections(having: key) }

    /// One Markdown table for each section, followed by the keys of LiteLLM that do nothing here.
    public static func markdown() -> String {
        [
            Section<SettingsDraft>.file.markdown(title: "The file"),
            Section<ModelDraft>.model.markdown(title: "`model_list`, each entry"),
            Section<ModelCacheSettings>.modelCache.markdown(title: "`cache` in an entry of `model_list`"),
            Section<ModelCacheSettings.Conditions>.cacheConditions.markdown(title: "`only_if` in such a `cache`"),
            Section<ModelDraft.ParamsDraft>.litellmParams.markdown(title: "`litellm_params`"),
            Section<SettingsDraft.LiteLLMDraft>.litellmSettings.markdown(title: "`litellm_settings`"),
            Section<CacheDraft>.cacheParams.markdown(title: "`cache_params`"),
            Section<SettingsDraft.GeneralDraft>.generalSettings.markdown(title: "`general_settings`"),
            Section<KeyDraft>.key.markdown(title: "`keys`, each entry"),
            Section<PassThroughDraft>.passThroughEndpoint.markdown(title: "`pass_through_endpoints`, each entry"),
            Section<SettingsDraft.RouterDraft>.routerSettings.markdown(title: "`router_settings`"),
        ].joined(separator: "\n")
    }
}

extension Section {
    fileprivate func markdown(title: String) -> String {
        var lines = ["### \(title)", "", "| Key | Value | Meaning |", "| --- | --- | --- |"]
        for parameter in parameters {
            lines.append("| `\(parameter.name)` | \(parameter.type) | \(parameter.meaning) |")
        }
        if others != nil {
            lines += [
                "",
                "Every other key is a parameter of the plugin: see `gateway plugins describe TYPE`. "
                    + "One of another cache type has no effect, with a warning; one that nobody knows is an error.",
            ]
        }
        if !withoutEffect.isEmpty {
            let names = withoutEffect.sorted().map { "`\($0)`" }.joined(separator: ", ")
            lines += ["", "Accepted from LiteLLM with a warning, without effect: \(names)."]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
