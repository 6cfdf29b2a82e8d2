/// Entries whose `model` is `*` alone: the provider is the one that a request names before the slash.
///
/// Such an entry becomes one for each provider that the environment has an address or a key for, so that no request can
/// bring a provider into being. A name without a provider is OpenAI's.
enum AnyModel {
    /// - Returns: the entries with those that they become, and the positions of the given entries.
    static func expand(
        _ descriptions: [DeploymentDescription],
        environment: (String) -> String?
    ) -> [(index: Int, description: DeploymentDescription)] {
        let all = Array(descriptions.enumerated()).map { (index: $0.offset, description: $0.element) }
        guard let any = all.first(where: { isForAny($0.description) }) else { return all }
        let names = Set(descriptions.map { ModelName($0.modelName) })
        let others = Provider.table.compactMap { provider -> (index: Int, description: DeploymentDescription)? in
            let name = provider.name + "/*"
            guard !names.contains(ModelName(name)), provider.isKnown(to: environment) else { return nil }
            var description = any.description
            description.modelName = name
            description.model = name
            return (any.index, description)
        }
        return all + others
    }

    private static func isForAny(_ description: DeploymentDescription) -> Bool {
        description.modelName == "*" && description.model == "*" && description.provider == nil
            && description.apiBase == nil && description.apiKey == nil
    }
}

extension Provider {
    /// Whether the environment has an address or a key of the provider.
    fileprivate func isKnown(to environment: (String) -> String?) -> Bool {
        (baseVariables + keyVariables).contains { environment($0).map { !$0.isEmpty } ?? false }
    }
}
