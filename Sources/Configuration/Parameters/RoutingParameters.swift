import Text

/// What `litellm_settings` and `router_settings` say alike. The latter applies where both say something.
struct FallbackDraft {
    var fallbacks: [RoutingSettings.Fallback]?
    var byDefault: [RoutingSettings.Fallback]?
    var contextWindow: [RoutingSettings.Fallback]?
}

extension SectionParameter {
    /// The fallbacks, for a section that holds their draft at `path`.
    static func fallbacks(
        _ path: any WritableKeyPath<Target, FallbackDraft> & Sendable
    ) -> [SectionParameter] {
        [
            SectionParameter(
                "fallbacks",
                "list",
                "Models to ask where a model has failed: `- gpt-4o: [gpt-4o-mini, other]`. `*` is every other model. Their "
                    + "answers are not cached."
            ) { member, draft, context in
                draft[keyPath: path].fallbacks = context.fallbacks(member)
            },
            SectionParameter(
                "default_fallbacks",
                "list",
                "Models to ask where a model has failed that `fallbacks` does not name."
            ) { member, draft, context in
                let targets = context.references(member.value, of: member.key)
                draft[keyPath: path].byDefault = [RoutingSettings.Fallback(model: nil, targets: targets)]
            },
            SectionParameter(
                "context_window_fallbacks",
                "list",
                "Models to ask where a model answers that the request has too many tokens. The form is that of `fallbacks`."
            ) { member, draft, context in
                draft[keyPath: path].contextWindow = context.fallbacks(member)
            },
        ]
    }
}

extension SectionParameter {
    /// How certificates are verified.
    static func verification(
        _ path: any WritableKeyPath<Target, CertificateVerification?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter("ssl_verify", "boolean or path", meaning) { member, draft, context in
            guard case .scalar(let scalar) = member.value.content else {
                _ = context.text(member)
                return
            }
            let value = scalar.value == .text ? ScalarValue.resolving(scalar.text) : scalar.value
            if case .bool(let flag) = value {
                draft[keyPath: path] = flag ? .standard : CertificateVerification.none
                guard !flag else { return }
                context.warn(
                    member.value.position,
                    "with 'ssl_verify: false' anybody on the path can read and change requests, answers and keys; name a "
                        + "file with the server's authority instead"
                )
            } else if let file = context.text(member) {
                draft[keyPath: path] = .file(file)
            }
        }
    }
}

extension SectionParameter where Target == SettingsDraft.RouterDraft {
    static let strategy = SectionParameter(
        "routing_strategy",
        "`simple-shuffle` or `least-busy`",
        "At random by weight, or the entry with the fewest requests in proportion to its weight. LiteLLM's other strategies "
            + "are taken for the first. Default: `simple-shuffle`."
    ) { member, draft, context in
        let others = [
            "usage-based-routing", "usage-based-routing-v2", "latency-based-routing", "cost-based-routing",
            "provider-budget-routing",
        ]
        guard let strategy = context.word(member, among: ["simple-shuffle", "least-busy"] + others) else { return }
        if others.contains(strategy) {
            context.warn(
                member.value.position,
                "'\(strategy)' is taken for 'simple-shuffle', which shares load by weight"
            )
        }
        draft.strategy = strategy
    }

    static let aliases = SectionParameter(
        "model_group_alias",
        "mapping",
        "Other names of models: `alias: model`, or `alias: {model: name, hidden: true}`, which `/v1/models` leaves out."
    ) { member, draft, context in
        draft.aliases = context.aliases(member)
    }

    static let cachingGroups = SectionParameter(
        "caching_groups",
        "list of lists",
        "Models that share cached answers: `[[gpt-4o, azure-gpt-4o]]`. A request to one may get the answer that another gave."
    ) { member, draft, context in
        draft.cachingGroups = context.cachingGroups(member)
    }
}

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    static let defaultDeployment = SectionParameter(
        "default_deployment",
        "string",
        "The `model_name` whose provider gets the requests below `/v1` that name no model, such as those for files. "
            + "Default: the only one of `model_list`, if it has one."
    ) { member, draft, context in
        guard let name = context.name(member) else { return }
        draft.defaultDeployment = RoutingSettings.Reference(
            model: name,
            key: member.key,
            position: member.value.position
        )
    }
}

extension ReadingContext {
    fileprivate mutating func fallbacks(_ member: YAMLMember) -> [RoutingSettings.Fallback] {
        guard case .sequence(let items) = member.value.content else {
            error(
                member.value.position,
                "'\(member.key)'\(place) must be a list of mappings, such as '- gpt-4o: [gpt-4o-mini]', "
                    + "not \(member.value.kind)"
            )
            return []
        }
        var fallbacks: [RoutingSettings.Fallback] = []
        for item in items {
            guard case .mapping(let members) = item.content else {
                error(item.position, "an entry of '\(member.key)'\(place) must be a mapping, not \(item.kind)")
                continue
            }
            for rule in members {
                let model = RoutingSettings.Reference(model: rule.key, key: member.key, position: rule.keyPosition)
                let targets = references(rule.value, of: member.key)
                fallbacks.append(RoutingSettings.Fallback(model: rule.key == "*" ? nil : model, targets: targets))
            }
        }
        return fallbacks
    }

    /// Reads a list of models, or one.
    fileprivate mutating func references(_ node: YAMLNode, of key: String) -> [RoutingSettings.Reference] {
        var items = [node]
        if case .sequence(let list) = node.content { items = list }
        return items.compactMap { item in
            let member = YAMLMember(key: key, keyPosition: item.position, value: item)
            return name(member).map { RoutingSettings.Reference(model: $0, key: key, position: item.position) }
        }
    }

    fileprivate mutating func cachingGroups(_ member: YAMLMember) -> [[RoutingSettings.Reference]] {
        guard case .sequence(let lists) = member.value.content else {
            error(
                member.value.position,
                "'\(member.key)'\(place) must be a list of lists of models, not \(member.value.kind)"
            )
            return []
        }
        var groups: [[RoutingSettings.Reference]] = []
        for list in lists {
            guard case .sequence = list.content else {
                error(list.position, "an entry of '\(member.key)'\(place) must be a list of models, not \(list.kind)")
                continue
            }
            let models = references(list, of: member.key)
            for model in models where groups.joined().contains(where: { $0.model.utf8.elementsEqual(model.model.utf8) })
            {
                error(
                    model.position,
                    "the model '\(model.model.quotable)' is in another of the '\(member.key)' already"
                )
            }
            groups.append(models)
        }
        return groups
    }

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
