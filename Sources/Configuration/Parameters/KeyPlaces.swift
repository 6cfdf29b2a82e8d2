/// Finds the section that a key belongs to, for keys that are in the wrong section.
enum KeyPlaces {
    /// The sections that a key belongs to, as written in messages (`in litellm_settings`). Sections in which it has an
    /// effect are preferred.
    static func sections(having key: String) -> [String] {
        let effective = all.filter { $0.effective.contains(key) }
        let places = effective.isEmpty ? all.filter { $0.withoutEffect.contains(key) } : effective
        return places.map(\.name)
    }

    private struct Place {
        let name: String
        let effective: Set<String>
        let withoutEffect: Set<String>

        init<Target>(_ name: String, _ section: Section<Target>) {
            self.name = name
            effective = Set(section.parameters.map(\.name))
            withoutEffect = Set(section.withoutEffect)
        }
    }

    private static let all = [
        Place("at the top level", Section<SettingsDraft>.file),
        Place("in an entry of model_list", Section<ModelDraft>.model),
        Place("in litellm_params", Section<ModelDraft.ParamsDraft>.litellmParams),
        Place("in litellm_settings", Section<SettingsDraft.LiteLLMDraft>.litellmSettings),
        Place("in cache_params", Section<CacheDraft>.cacheParams),
        Place("in general_settings", Section<SettingsDraft.GeneralDraft>.generalSettings),
        Place("in router_settings", Section<SettingsDraft.RouterDraft>.routerSettings),
    ]
}
