import Configuration
import Text
import Upstream

extension ModelAlias {
    init(_ alias: RoutingSettings.Alias) {
        self.init(name: alias.name, model: alias.target.model, isHidden: alias.isHidden)
    }
}

extension FallbackRules {
    init(_ routing: RoutingSettings) {
        self.init(
            onFailure: Self.rules(routing.fallbacks),
            onContextWindow: Self.rules(routing.contextWindowFallbacks),
            byDefault: routing.fallbacks.filter { $0.model == nil }.flatMap { $0.targets.map(\.model) }
        )
    }

    private static func rules(_ fallbacks: [RoutingSettings.Fallback]) -> [(model: String, fallbacks: [String])] {
        fallbacks.compactMap { rule in rule.model.map { ($0.model, rule.targets.map(\.model)) } }
    }
}

extension KeySettings {
    /// Warns of names in `models` that cover no model, so that the key is not for what was probably meant.
    func diagnostics(in models: ModelDirectory) -> [Diagnostic] {
        (self.models ?? []).compactMap { model in
            let isCovered =
                models.covers(ModelNames([model.name])) || models.group(named: model.name) != nil
                || models.disabled.reason(for: model.name) != nil
            if isCovered { return nil }
            let nearest = NearestName.nearest(to: model.name, among: models.names)
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            let message = "the key '\(name)' is for '\(model.name.quotable)', which is no model's name\(hint)"
            return Diagnostic(.warning, at: model.position, message)
        }
    }
}

extension ModelDirectory {
    /// Whether some model's name is in a set. It is true where models have patterns, whose names cannot be listed.
    fileprivate func covers(_ set: ModelNames) -> Bool {
        names.contains { name in set.contains(name) || name.utf8.contains(UInt8(ascii: "*")) }
    }
}

extension RoutingSettings.Reference {
    /// What is wrong with a model of `caching_groups` that has no entry of its own.
    func diagnosticOfPattern(in models: ModelDirectory) -> Diagnostic? {
        guard let group = models.group(named: model), group.isMadeForName || group.name.contains("*") else {
            return nil
        }
        let message =
            "'\(key)' names '\(model.quotable)', which stands for many models or is one of them; name models that have "
            + "an entry in model_list of their own"
        return Diagnostic(.error, at: position, message)
    }

    /// What is wrong with it: a model that is not in `model_list` is an error, and one that is disabled a warning.
    func diagnostic(in models: ModelDirectory) -> Diagnostic? {
        guard models.group(named: model) == nil else { return nil }
        if models.disabled.reason(for: model) != nil {
            return Diagnostic(.warning, at: position, "'\(key)' names the model '\(model.quotable)', which is disabled")
        }
        let nearest = NearestName.nearest(to: model, among: models.names)
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        return Diagnostic(.error, at: position, "'\(key)' names '\(model.quotable)', which no model_name covers\(hint)")
    }
}
