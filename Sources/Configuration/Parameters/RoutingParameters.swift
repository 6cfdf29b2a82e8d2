import Text

extension SectionParameter where Target == SettingsDraft.RouterDraft {
    static let aliases = SectionParameter(
        "model_group_alias",
        "mapping",
        "Other names of models: `alias: model`, or `alias: {model: name, hidden: true}`, which `/v1/models` leaves out."
    ) { member, draft, context in
        draft.aliases = context.aliases(member)
    }
}

extension ReadingContext {
    fileprivate mutating func aliases(_ member: YAMLMember) -> [RoutingSettings.Alias] {
        guard case .mapping(let members) = member.value.content else {
            error(member.value.position, "'\(member.key)'\(place) must be a mapping of names, not \(member.value.kind)")
            return []
        }
        return members.compactMap { alias in
            var target = alias
            var isHidden = false
            if case .mapping(let parts) = alias.value.content {
                guard let model = parts.first(where: { $0.key == "model" }) else {
                    error(alias.value.position, "the alias '\(alias.key.quotable)' has no 'model'")
                    return nil
                }
                target = model
                if let hidden = parts.first(where: { $0.key == "hidden" }) { isHidden = flag(hidden) ?? false }
            }
            guard let name = name(target) else { return nil }
            let reference = RoutingSettings.Reference(model: name, key: member.key, position: target.value.position)
            return RoutingSettings.Alias(name: alias.key, target: reference, isHidden: isHidden)
        }
    }
}
