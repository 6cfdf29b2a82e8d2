import Text

/// The address to which a deployment's requests go, and the key. A provider and a description determine it together.
struct Endpoint: Sendable, Equatable {
    var provider: Provider
    var base: UpstreamURL
    /// The model's name at the upstream.
    var model: String
    /// The key from `api_key` or from the provider's variable, if any.
    var key: String?
    /// The `api-version` of Azure.
    var apiVersion: String?

    /// The `api-version` that is used for Azure where neither `api_version` nor AZURE_API_VERSION is given.
    static let defaultAzureVersion = "2024-10-21"

    /// The path and query of a call.
    ///
    /// - Parameter callPath: the call's path below a provider's base URL.
    func target(_ callPath: String) -> String {
        var query = base.query
        var path = base.path
        switch provider.paths {
        case .openAI:
            path += callPath
        case .azure:
            path += "/openai/deployments/\(model)\(callPath)"
            query += (query.isEmpty ? "" : "&") + "api-version=\(apiVersion ?? Self.defaultAzureVersion)"
        }
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    /// Whether requests must not be sent, since the key is missing.
    var lacksKey: Bool { provider.requiresKey && key == nil && isProvidersOwn }

    /// Whether the base is one that cannot be used without the provider's key.
    private var isProvidersOwn: Bool {
        guard !provider.isSelfHosted, let text = provider.defaultBase else { return provider.paths == .azure }
        return (try? UpstreamURL(text))?.host == base.host
    }
}

/// What is wrong with a description, and in which member.
struct EndpointProblem: Error, Equatable {
    var member: String
    var description: String
    /// Whether the description may be correct, but requires what the gateway does not support.
    var isUnsupported = false
}

extension Endpoint {
    /// - Parameter environment: returns the value of an environment variable. An empty value counts as none.
    init(_ description: DeploymentDescription, environment: (String) -> String?) throws(EndpointProblem) {
        func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        let givenBase = description.apiBase.flatMap { $0.isEmpty ? nil : $0 }
        let (provider, model) = try Self.provider(of: description.model, hasBase: givenBase != nil)
        guard !model.isEmpty, model.utf8.allSatisfy({ $0 > 0x1F && $0 != 0x7F }) else {
            throw EndpointProblem(member: "model", description: "model '\(description.model)' names no model")
        }
        let variableBase = provider.baseVariables.compactMap { name in variable(name).map { (name, $0) } }.first
        guard let text = givenBase ?? variableBase?.1 ?? provider.defaultBase else {
            let variables = provider.baseVariables.joined(separator: " or ")
            throw EndpointProblem(
                member: "api_base",
                description: "\(provider.name) needs an api_base; set it, or \(variables) in the environment"
            )
        }
        var base: UpstreamURL
        do { base = try UpstreamURL(text) } catch {
            let source = givenBase == nil ? variableBase.map { "\($0.0) in the environment" } : nil
            throw EndpointProblem(
                member: "api_base",
                description: "\(source ?? "api_base") is not a usable URL: \(error)"
            )
        }
        if base.path.isEmpty { base.path = provider.implicitPath }
        self.provider = provider
        self.base = base
        self.model =
            model.hasPrefix(provider.modelPrefix) || model.hasPrefix("accounts/")
            ? model : provider.modelPrefix + model
        self.apiVersion = description.apiVersion ?? variable("AZURE_API_VERSION")
        self.key = description.apiKey.flatMap { $0.isEmpty ? nil : $0 }
        // A key from the environment is sent only to hosts of its provider, and not to any host that speaks the
        // protocol.
        let belongs = givenBase == nil || provider.isSelfHosted || isProvidersOwn
        if key == nil, belongs { key = provider.keyVariables.compactMap { variable($0) }.first }
        if provider.paths == .azure { try checkAzure() }
    }

    /// Names that go into a URL must not change its meaning.
    private func checkAzure() throws(EndpointProblem) {
        for (member, value) in [("model", model), ("api_version", apiVersion ?? "")] {
            let isPlain = value.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~".utf8.contains(byte)
                }
            }
            guard isPlain else {
                throw EndpointProblem(
                    member: member,
                    description: "\(member) '\(value)' of azure may only have letters, digits, '-', '.', '_' and '~'"
                )
            }
        }
    }

    /// Splits `provider/model`. With an `api_base`, a prefix that names no provider is part of the model's name, as in
    /// `meta-llama/Llama-3.1-8B`. Without one, it is an error.
    private static func provider(
        of model: String,
        hasBase: Bool
    ) throws(EndpointProblem) -> (Provider, String) {
        guard let slash = model.firstIndex(of: "/") else { return (.openAI, model) }
        let prefix = String(model[..<slash])
        if let provider = Provider.named(prefix) { return (provider, String(model[model.index(after: slash)...])) }
        guard !hasBase else { return (.openAI, model) }
        let names = Provider.table.map(\.name)
        let nearest = NearestName.nearest(to: prefix, among: names)
        let hint = nearest.map { "did you mean '\($0)'? Supported" } ?? "supported"
        throw EndpointProblem(
            member: "model",
            description: "the provider '\(prefix)' of model '\(model)' is not supported; \(hint): "
                + names.joined(separator: ", ") + "; any other OpenAI-compatible server needs an api_base",
            isUnsupported: true
        )
    }
}
