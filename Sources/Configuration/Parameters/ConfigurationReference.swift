/// The documentation of every known key, made from the tables that do the parsing.
public enum ConfigurationReference {
    /// The gateway's own keys of `cache_params`; every other one there is the plugin's.
    public static var cacheKeys: [String] { Section<CacheDraft>.cacheParams.parameters.map(\.name) }

    /// One Markdown table for each section, followed by the keys of LiteLLM that do nothing here.
    public static func markdown() -> String {
        [
            Section<SettingsDraft>.file.markdown(title: "The file"),
            Section<ModelDraft>.model.markdown(title: "`model_list`, each entry"),
            Section<ModelDraft.ParamsDraft>.litellmParams.markdown(title: "`litellm_params`"),
            Section<SettingsDraft.LiteLLMDraft>.litellmSettings.markdown(title: "`litellm_settings`"),
            Section<CacheDraft>.cacheParams.markdown(title: "`cache_params`"),
            Section<SettingsDraft.GeneralDraft>.generalSettings.markdown(title: "`general_settings`"),
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
            lines += ["", "Every other key is a parameter of the plugin: see `gateway plugins describe TYPE`."]
        }
        if !withoutEffect.isEmpty {
            let names = withoutEffect.sorted().map { "`\($0)`" }.joined(separator: ", ")
            lines += ["", "Accepted from LiteLLM with a warning, without effect: \(names)."]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
