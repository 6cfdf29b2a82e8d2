public import CallTypes

/// All model groups of a configuration. It never changes: another configuration has another directory.
public struct ModelDirectory: Sendable {
    /// The groups, in the order in which the configuration first names them.
    public let groups: [ModelGroup]

    /// The models that are configured, but whose requests cannot be served.
    public let disabled: DisabledModels

    private let admission: CallAdmission

    private let positions: [ModelName: Int]

    /// The names of the groups, in order.
    public var names: [String] { groups.map(\.name) }

    /// [any thread] The number of calls to models in progress, and of calls that wait for their turn.
    public var calls: (underWay: Int, waiting: Int) { admission.counts }

    /// The group with exactly that name, byte for byte. The search takes time in proportion to the length of the name.
    public func group(named name: String) -> ModelGroup? {
        positions[ModelName(name)].map { groups[$0] }
    }

    /// Makes the groups, and lists all problems at once.
    ///
    /// An entry with an error is left out, and so is one that requires what the gateway does not support, for which
    /// `disabled` has the reason. A deployment of a cloud whose key is missing is made with a warning: requests to it
    /// fail with a sentence that names the variable to set, and go to other deployments of its group where there are
    /// any. A server that is given by `api_base` needs no key.
    ///
    /// - Parameters:
    ///   - calls: the calls that requests may make.
    ///   - environment: returns the value of an environment variable.
    public static func make(
        _ descriptions: [DeploymentDescription],
        defaults: DeploymentDefaults = DeploymentDefaults(),
        calls: CallTable,
        environment: (String) -> String?
    ) -> (directory: ModelDirectory, problems: [ModelProblem]) {
        var problems: [ModelProblem] = []
        var names: [String] = []
        var deployments: [ModelName: [Deployment]] = [:]
        var retries: [ModelName: Int] = [:]
        var disabled = DisabledModels()
        for (index, description) in descriptions.enumerated() {
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
                gate: CallGate(admission: admission, group: index, longestWait: limits.longestWait)
            )
        }
        return (ModelDirectory(groups: groups, disabled: disabled, admission: admission), problems)
    }

    private init(groups: [ModelGroup], disabled: DisabledModels, admission: CallAdmission) {
        self.groups = groups
        self.disabled = disabled
        self.admission = admission
        self.positions = Dictionary(
            groups.enumerated().map { (ModelName($0.element.name), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
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
        for (member, name) in [("model_name", description.modelName), ("model", description.model)]
        where name.utf8.contains(UInt8(ascii: "*")) {
            let text = "wildcards such as '\(name)' in \(member) are not supported yet; name each model by itself"
            problems.append(problem(.disabled, member, text))
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
