import Testing

@testable import Configuration

@Suite("What becomes of LiteLLM's keys")
struct MigrationReferenceTests {
    /// The sections with what is said of their keys.
    private static let sections: [(name: String, keys: [String], comparison: LiteLLMComparison.Keys)] = [
        ("the file", Section<SettingsDraft>.file.keys, LiteLLMComparison.file),
        ("model_list", Section<ModelDraft>.model.keys, LiteLLMComparison.model),
        ("litellm_params", Section<ModelDraft.ParamsDraft>.litellmParams.keys, LiteLLMComparison.litellmParams),
        (
            "litellm_settings", Section<SettingsDraft.LiteLLMDraft>.litellmSettings.keys,
            LiteLLMComparison.litellmSettings
        ),
        ("cache_params", Section<CacheDraft>.cacheParams.keys, LiteLLMComparison.cacheParams),
        (
            "general_settings", Section<SettingsDraft.GeneralDraft>.generalSettings.keys,
            LiteLLMComparison.generalSettings
        ),
        (
            "router_settings", Section<SettingsDraft.RouterDraft>.routerSettings.keys, LiteLLMComparison.routerSettings
        ),
    ]

    @Test("is said of keys that the sections know", arguments: sections.indices)
    func known(index: Int) {
        let (name, keys, comparison) = Self.sections[index]
        let stated = comparison.known.union(comparison.notes.keys)
        #expect(stated.subtracting(keys).sorted() == [], "\(name)")
    }

    @Test("has a place for each key, and one only", arguments: sections.indices)
    func complete(index: Int) {
        let parts = MigrationReference.markdown([]).components(of: "### ")
        let titles = [0, 1, 2, 3, 4, 6, 7]
        let part = parts[titles[index]]
        for key in Self.sections[index].keys {
            // A note may name another key.
            let places = part.split(separator: "\n").filter {
                $0.hasPrefix("| `\(key)` |") || !$0.hasPrefix("|") && $0.contains("`\(key)`")
            }
            #expect(places.count == 1, "\(Self.sections[index].name): \(key)")
        }
    }

    @Test("says which parameters of a cache's type a plugin takes")
    func types() {
        let text = MigrationReference.markdown([
            MigrationReference.CacheType(
                type: "gcs",
                parameters: ["gcs_path", "gcs_bucket_name", "x"],
                ignored: ["gcs_bucket_name"]
            )
        ])
        #expect(text.contains("| `gcs` | `gcs_path` | `gcs_bucket_name`, `gcs_path_service_account` |"))
        #expect(
            text.contains("| `azure-blob` | there is no such cache | `azure_account_url`, `azure_blob_container` |")
        )
    }
}

extension String {
    /// The parts that begin with a mark at the beginning of a line.
    fileprivate func components(of mark: String) -> [String] {
        var parts: [String] = []
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(mark) { parts.append("") }
            if !parts.isEmpty { parts[parts.count - 1] += line + "\n" }
        }
        return parts
    }
}
