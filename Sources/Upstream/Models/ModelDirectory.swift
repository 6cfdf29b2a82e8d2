public import CallTypes

/// All model groups of a configuration. It never changes: another configuration has another directory.
public struct ModelDirectory: Sendable {
    /// The groups, in the order in which the configuration first names them.
    public let groups: [ModelGroup]

    /// The models that are configured, but whose requests cannot be served.
    public let disabled: DisabledModels

    private let admission: CallAdmission

    private let fallbackTable: FallbackTable

    /// The groups of exact names and of aliases.
    private let named: NamedGroups

    /// The groups whose names are patterns, the most specific first.
    private let patterns: [(pattern: ModelPattern, group: ModelGroup)]

    /// The names of the groups, in order, and of the aliases that are not hidden.
    public let names: [String]

    /// [any thread] The number of calls to models in progress, and of calls that wait for their turn.
    public var calls: (underWay: Int, waiting: Int) { admission.counts }

    /// The group that serves that name: the one with exactly that name or alias, byte for byte, or else the one with the
    /// most specific pattern that covers it. Where a name is covered by a pattern, each call makes a group for it, so that
    /// the names which clients invent take no memory. The search for a name or an alias takes time in proportion to the
    /// length of the name.
    public func group(named name: String) -> ModelGroup? {
        named[name] ?? coveringGroup(of: name)
    }

    /// Whether any model has fallbacks.
    public var hasFallbacks: Bool { !fallbackTable.isEmpty }

    /// What is asked where a group fails. It is nil where there is nothing.
    public func fallbacks(of group: ModelGroup) -> Fallbacks? {
        fallbackTable.isEmpty ? nil : fallbackTable.fallbacks(of: group)
    }

    private func coveringGroup(of name: String) -> ModelGroup? {
        for (pattern, group) in patterns {
            guard let starValues = pattern.match(name) else { continue }
            if disabled.covers(name, moreThan: pattern.specificity) { return nil }
            guard group.deployments.allSatisfy({ $0.takes(starValues) }) else { return nil }
            return ModelGroup(group, name: name, starValues: starValues)
        }
        return nil
    }

    /// Makes the groups, and lists all problems at once.
    ///
    /// An entry with an error is left out, and so is one that requires what the gateway does not support, for which
    /// `disabled` has the reason. A deployment of a cloud whose key is missing is made with a warning: requests to it
    /// fail with a sentence that names the variable to set, and go to other deployments of its group where there are
    /// any. A server that is given by `api_base` needs no key.
    ///
    /// - Parameters:
    ///   - aliases: other names of models. An alias of a model that is not served is left out.
    ///   - fallbacks: which models are asked in place of others. Models that are not served are left out.
    ///   - calls: the calls that requests may make.
    ///   - environment: returns the value of an environment variable.
    public static func make(
        _ descriptions: [DeploymentDescription],
        aliases: [ModelAlias] = [],
        fallbacks: FallbackRules = FallbackRules(),
        defaults: DeploymentDefaults = DeploymentDefaults(),
        calls: CallTable,
        environment: (String) -> String?
    ) -> (directory: ModelDirectory, problems: [ModelProblem]) {
        var problems: [ModelProblem] = []
        var names: [String] = []
        var deployments: [ModelName: [Deployment]] = [:]
        var retries: [ModelName: Int] = [:]
        var disabled = DisabledModels()
        for (index, description) in AnyModel.expand(descriptions, environment: environment) {
            let name = ModelName(description.modelName)
            var found: [ModelProblem] = []
            let deployment = Deployment.make(
                description,
                index: index,
                defaults: defaults,
                calls: calls,
                environment: environment,
                problems: &found
            )
            problems += found
            if let problem = found.first(where: { $0.severity == .disabled }) {
                disabled.add(description.modelName, reason: problem.description)
            }
            guard let deployment else { continue }
            if deployments[name] == nil { names.append(description.modelName) }
            deployments[name, default: []].append(deployment)
            if let given = description.maxRetries { retries[name] = max(retries[name] ?? 0, given) }
        }
        let limits = defaults.admission
        let admission = CallAdmission(
            AdmissionState(
                groups: names.map {
                    AdmissionState.Group(deployments[ModelName($0)] ?? [], waitingCalls: limits.waitingCalls)
                },
                totalLimit: limits.calls
            )
        )
        let groups = names.enumerated().map { index, name in
            ModelGroup(
                name: name,
                deployments: deployments[ModelName(name)] ?? [],
                numRetries: defaults.numRetries ?? retries[ModelName(name)] ?? 2,
                strategy: defaults.strategy,
                gate: CallGate(admission: admission, group: index, longestWait: limits.longestWait)
            )
        }
        let directory = ModelDirectory(groups: groups, disabled: disabled, admission: admission)
        return (directory.adding(aliases, fallbacks), problems)
    }

    private init(groups: [ModelGroup], disabled: DisabledModels, admission: CallAdmission) {
        self.groups = groups
        self.disabled = disabled
        self.admission = admission
        fallbackTable = FallbackTable(FallbackRules()) { _ in nil }
        names = groups.map(\.name)
        patterns = groups.compactMap { group in ModelPattern(group.name).map { ($0, group) } }
            .sorted { ($0.pattern.specificity, $1.pattern.stars) > ($1.pattern.specificity, $0.pattern.stars) }
        named = NamedGroups(groups.lazy.filter { ModelPattern($0.name) == nil }.map { ($0.name, $0) })
    }

    /// The directory with further names for its models, and with their fallbacks. A model's own name is not replaced by an
    /// alias.
    private func adding(_ aliases: [ModelAlias], _ fallbacks: FallbackRules) -> ModelDirectory {
        var named = named
        var names = names
        for alias in aliases where named[alias.name] == nil {
            guard let group = group(named: alias.model) else { continue }
            named.add(group, named: alias.name)
            if !alias.isHidden { names.append(alias.name) }
        }
        let withAliases = ModelDirectory(self, named: named, names: names, fallbackTable)
        let table = FallbackTable(fallbacks) { withAliases.group(named: $0) }
        return ModelDirectory(withAliases, named: named, names: names, table)
    }

    private init(
        _ other: ModelDirectory,
        named: NamedGroups,
        names: [String],
        _ fallbackTable: FallbackTable
    ) {
        groups = other.groups
        disabled = other.disabled
        admission = other.admission
        patterns = other.patterns
        self.named = named
        self.names = names
        self.fallbackTable = fallbackTable
    }
}

extension Deployment {
    fileprivate static func make(
        _ description: DeploymentDescription,
        index: Int,
        defaults: DeploymentDefaults,
        calls: CallTable,
        environment: (String) -> String?,
        problems: inout [ModelProblem]
    ) -> Deployment? {
        func problem(_ severity: ModelProblem.Severity, _ member: String, _ text: String) -> ModelProblem {
            ModelProblem(severity: severity, index: index, member: member, description: text)
        }
        let stars = ModelPattern.stars(in: description.model)
        guard stars == 0 || stars == ModelPattern.stars(in: description.modelName) else {
            let text =
                "'\(description.model)' has not as many stars as the model_name '\(description.modelName)'; "
                + "each star of model stands for what the same star of model_name stands for"
            problems.append(problem(.disabled, "model", text))
            return nil
        }
        if let mock = description.mockResponse {
            return Deployment(
                endpoint: nil,
                description: description,
                defaults: defaults,
                transport: .mock(mock, calls)
            )
        }
        var description = description
        description.trust = description.trust ?? defaults.trust
        do {
            let endpoint = try Endpoint(description, environment: environment)
            let prepared = try PreparedRequest(endpoint, description: description, calls: calls)
            var transport = Transport.network(prepared)
            if endpoint.lacksKey {
                let variables = endpoint.provider.keyVariables.joined(separator: " or ")
                let text =
                    "model '\(description.modelName)' has no key for \(endpoint.provider.name); "
                    + "set api_key, or \(variables) in the environment"
                problems.append(problem(.warning, "api_key", text))
                transport = .unusable(text)
            }
            return Deployment(
                endpoint: endpoint,
                description: description,
                defaults: defaults,
                transport: transport
            )
        } catch {
            problems.append(problem(error.isUnsupported ? .disabled : .error, error.member, error.description))
            return nil
        }
    }
}

extension Deployment {
    /// Whether requests to it may name a model with these values of the stars.
    fileprivate func takes(_ starValues: [String]) -> Bool {
        if case .network(let prepared) = transport { prepared.takes(starValues) } else { true }
    }
}
