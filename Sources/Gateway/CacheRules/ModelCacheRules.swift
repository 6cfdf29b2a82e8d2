import CallTypes
import Configuration
import Upstream

/// The rules of all models that have one, by the position of their groups. It is immutable.
struct ModelCacheRules: Sendable {
    private let rules: [ModelCacheRule?]

    /// - Returns: nil where no model has a rule.
    init?(_ settings: Settings, _ models: ModelDirectory, _ calls: CallTable) {
        var rules = [ModelCacheRule?](repeating: nil, count: models.groups.count)
        for group in models.groups where rules.indices.contains(group.position) {
            let entries = settings.models.filter { $0.name.utf8.elementsEqual(group.name.utf8) }
            let sharesEntries = settings.routing.cachingGroups.joined().contains {
                models.group(named: $0.model)?.position == group.position
            }
            guard let cache = entries.lazy.compactMap(\.cache).first ?? (sharesEntries ? ModelCacheSettings() : nil)
            else {
                continue
            }
            rules[group.position] = ModelCacheRule(cache, entries, calls, sharesEntries: sharesEntries)
        }
        guard rules.contains(where: { $0 != nil }) else { return nil }
        self.rules = rules
    }

    /// The rule of a group. It is nil where the policy for all models applies.
    func rule(of group: ModelGroup) -> ModelCacheRule? {
        rules.indices.contains(group.position) ? rules[group.position] : nil
    }

    /// Says which entries of one name contradict each other.
    static func diagnostics(_ models: [ModelSettings]) -> [Diagnostic] {
        var first: [[UInt8]: ModelSettings] = [:]
        var diagnostics: [Diagnostic] = []
        for model in models where model.cache != nil {
            let name = Array(model.name.utf8)
            guard let other = first[name] else {
                first[name] = model
                continue
            }
            if other.cache != model.cache {
                let message =
                    "'cache' of this entry of '\(model.name)' differs from that on line "
                    + "\(other.position(of: "cache").line); say the same in both, or remove one of them"
                diagnostics.append(Diagnostic(.error, at: model.position(of: "cache"), message))
            }
        }
        return diagnostics
    }
}
