/// Which models are asked in place of others, by the names that requests have.
public struct FallbackRules: Sendable {
    /// The models that are asked, in this order, where a model has failed.
    public var onFailure: [(model: String, fallbacks: [String])]
    /// The models that are asked where a request has more tokens than a model takes.
    public var onContextWindow: [(model: String, fallbacks: [String])]
    /// The models that are asked where a model has failed that has no rule of its own.
    public var byDefault: [String]

    /// Makes rules. Without arguments there are none.
    public init(
        onFailure: [(model: String, fallbacks: [String])] = [],
        onContextWindow: [(model: String, fallbacks: [String])] = [],
        byDefault: [String] = []
    ) {
        self.onFailure = onFailure
        self.onContextWindow = onContextWindow
        self.byDefault = byDefault
    }
}

/// The models that are asked in place of one model.
public struct Fallbacks: Sendable {
    var onFailure: [ModelGroup] = []
    var onContextWindow: [ModelGroup] = []

    /// Returns those for which a condition holds. It is nil where there are none.
    public func filtered(_ isIncluded: (ModelGroup) -> Bool) -> Fallbacks? {
        let rest = Fallbacks(
            onFailure: onFailure.filter(isIncluded),
            onContextWindow: onContextWindow.filter(isIncluded)
        )
        return rest.onFailure.isEmpty && rest.onContextWindow.isEmpty ? nil : rest
    }
}

/// The fallbacks of all models of a configuration.
struct FallbackTable: Sendable {
    private var rules: [ModelName: Fallbacks] = [:]
    private var byDefault: [ModelGroup] = []

    /// - Parameter group: finds the model of a name. Names without one are left out.
    init(_ given: FallbackRules, group: (String) -> ModelGroup?) {
        byDefault = given.byDefault.compactMap(group)
        for (list, path) in [
            (given.onFailure, \Fallbacks.onFailure), (given.onContextWindow, \Fallbacks.onContextWindow),
        ] as [([(model: String, fallbacks: [String])], WritableKeyPath<Fallbacks, [ModelGroup]>)] {
            for rule in list {
                // An alias has the rules of its model.
                guard let name = group(rule.model)?.name else { continue }
                rules[ModelName(name), default: Fallbacks()][keyPath: path] += rule.fallbacks.compactMap(group)
            }
        }
    }

    var isEmpty: Bool { rules.isEmpty && byDefault.isEmpty }

    /// The fallbacks of a group: those of its name, or else of the pattern that covers it, and the default ones where it
    /// has none for failures. It is nil where there are none.
    func fallbacks(of group: ModelGroup) -> Fallbacks? {
        if isEmpty { return nil }
        var found = rules[ModelName(group.name)] ?? rules[ModelName(group.configuredName)] ?? Fallbacks()
        if found.onFailure.isEmpty { found.onFailure = byDefault.filter { $0 !== group } }
        return found.onFailure.isEmpty && found.onContextWindow.isEmpty ? nil : found
    }
}
