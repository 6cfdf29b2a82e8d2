import CallTypes
import Text

/// The address to which a deployment's requests go, and the key. A provider and a description determine it together.
struct Endpoint: Sendable, Equatable {
    var provider: Provider
    var base: UpstreamURL
    /// The model's name at the upstream.
    var model: String
    /// The key from `api_key` or from the provider's variable, if any.
    var key: String?
    /// A token that is sent in place of the key, as `azure_ad_token` gives it.
    var token: String?
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

    /// The path and query of a request that is passed on.
    ///
    /// - Parameter requested: the path below the base's, which begins with a slash or is empty.
    func target(passing requested: String, query: String) -> String {
        var path = base.path
        if path.hasSuffix("/"), !requested.isEmpty { path.removeLast() }
        var queries = [base.query, query]
        if provider.paths == .azure {
            path += "/openai"
            queries.append("api-version=\(apiVersion ?? Self.defaultAzureVersion)")
        }
        path += requested
        if path.isEmpty { path = "/" }
        let query = queries.filter { !$0.isEmpty }.joined(separator: "&")
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    /// Whether the server may answer a call. The clouds have the calls that the table of the providers names, and any
    /// other server may have all of them.
    func serves(_ call: CallDefinition) -> Bool {
        provider.calls.contains(call) || !isProvidersOwn
    }

    /// The field that holds the key for calls in a protocol. It is nil where there is no key.
    func credential(for wire: WireProtocol) -> (name: String, value: String)? {
        if let token { return ("authorization", "Bearer \(token)") }
        guard let key else { return nil }
        switch (provider.authentication, wire) {
        case (.bearer, _), (.byProtocol, .openAI): return ("authorization", "Bearer \(key)")
        case (.apiKey, _): return ("api-key", key)
        case (.byProtocol, .anthropic): return ("x-api-key", key)
        }
    }

    /// Whether requests must not be sent, since the key is missing.
    var lacksKey: Bool { provider.requiresKey && key == nil && token == nil && isProvidersOwn }

    /// Whether the base is one that cannot be used without the provider's key.
    private var isProvidersOwn: Bool {
        guard !provider.isSelfHosted, let text = provider.defaultBase else { return provider.requiresKey }
        // A part in braces is never in the host.
        return (try? UpstreamURL(String(text.prefix { $0 != "{" })))?.host == base.host
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
        let (provider, model) = try Self.provider(of: description, hasBase: givenBase != nil)
        guard !model.isEmpty, model.utf8.allSatisfy({ $0 > 0x1F && $0 != 0x7F }) else {
            throw EndpointProblem(member: "model", description: "model '\(description.model)' names no model")
        }
        let variableBase = provider.baseVariables.compactMap { name in variable(name).map { (name, $0) } }.first
        var text = givenBase ?? variableBase?.1
        if text == nil { text = try provider.base(in: variable) }
        guard let text else { throw .noBase(of: provider, orSet: provider.baseVariables) }
        var base: UpstreamURL
        do { base = try UpstreamURL(text) } catch {
            let source = givenBase == nil ? variableBase.map { "\($0.0) in the environment" } : nil
            throw EndpointProblem(
                member: "api_base",
                description: "\(source ?? "api_base") is not a usable URL: \(error)"
            )
        }
        if base.path.hasSuffix(provider.ignoredPath) { base.path.removeLast(provider.ignoredPath.utf8.count) }
        if base.path.isEmpty { base.path = provider.implicitPath }
        if provider.addsVersion, !base.path.hasSuffix("/v1") { base.path += "/v1" }
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
        if provider.paths == .azure {
            token = description.token ?? (key == nil ? variable("AZURE_AD_TOKEN") : nil)
            self.model = Self.azureDeployment(model)
            try checkAzure()
        }
    }

    /// The deployment's name without the prefixes by which LiteLLM tells kinds of models apart.
    private static func azureDeployment(_ model: String) -> String {
        for prefix in ["o_series/", "gpt5_series/", "responses/"] where model.hasPrefix(prefix) {
            return String(model.dropFirst(prefix.count))
        }
        return model
    }

    /// The endpoint with the stars of the model's name replaced by what they stand for.
    func filled(with starValues: [String]) -> Endpoint {
        var endpoint = self
        endpoint.model = ModelPattern.fill(model, with: starValues)
        return endpoint
    }

    /// Whether the model's name, with its stars replaced by these values, is one that may be sent. A name that goes into
    /// a URL must not change its meaning.
    func takes(_ starValues: [String]) -> Bool {
        let model = filled(with: starValues).model
        return !model.isEmpty && (provider.paths != .azure || model.isPlainSegment)
    }

    /// Names that go into a URL must not change its meaning.
    private func checkAzure() throws(EndpointProblem) {
        // Stars are filled with what `takes` accepts.
        let name = model.filter { $0 != "*" }
        for (member, value) in [("model", name), ("api_version", apiVersion ?? "")] {
            guard value.isPlainSegment else {
                throw EndpointProblem(
                    member: member,
                    description: "\(member) '\(value)' of azure may only have letters, digits, '-', '.', '_' and '~'",
                    // LiteLLM tells Azure's other services apart by a name before a slash.
                    isUnsupported: member == "model" && value.utf8.contains(UInt8(ascii: "/"))
                )
            }
        }
    }

    /// Splits `provider/model`, or takes the provider from `custom_llm_provider`. With an `api_base`, a prefix that
    /// names no provider is part of the model's name, as in `meta-llama/Llama-3.1-8B`. Without one, it is an error.
    private static func provider(
        of description: DeploymentDescription,
        hasBase: Bool
    ) throws(EndpointProblem) -> (Provider, String) {
        let model = description.model
        if let name = description.provider {
            guard let provider = Provider.named(name) else {
                throw .unsupported(name, of: model, member: "custom_llm_provider")
            }
            return (provider, model.hasPrefix(name + "/") ? String(model.dropFirst(name.count + 1)) : model)
        }
        guard let slash = model.firstIndex(of: "/") else { return (.openAI, model) }
        let prefix = String(model[..<slash])
        if let provider = Provider.named(prefix) { return (provider, String(model[model.index(after: slash)...])) }
        guard hasBase, !Provider.isOfAnotherProtocol(prefix) else {
            throw .unsupported(prefix, of: model, member: "model")
        }
        return (.openAI, model)
    }
}

extension EndpointProblem {
    /// The provider has no base URL of its own, and none is given.
    fileprivate static func noBase(of provider: Provider, orSet variables: [String]) -> EndpointProblem {
        let variables = variables.joined(separator: " or ")
        return EndpointProblem(
            member: "api_base",
            description: variables.isEmpty
                ? "\(provider.name) needs an api_base"
                : "\(provider.name) needs an api_base; set it, or \(variables) in the environment"
        )
    }

    fileprivate static func unsupported(_ name: String, of model: String, member: String) -> EndpointProblem {
        let nearest = NearestName.nearest(to: name, among: Provider.table.map(\.name))
        let hint = nearest.map { "did you mean '\($0)'? " } ?? ""
        return EndpointProblem(
            member: member,
            description: "the provider '\(name)' of model '\(model)' is not supported; \(hint)"
                + (Provider.isOfAnotherProtocol(name)
                    ? "its protocol is not OpenAI's" : "any other OpenAI-compatible server needs an api_base")
                + "; 'gateway reference' lists the providers",
            isUnsupported: true
        )
    }
}

extension Provider {
    /// The base URL where none is given, with the variables that are a part of it.
    fileprivate func base(in variable: (String) -> String?) throws(EndpointProblem) -> String? {
        guard let base = defaultBase, let start = base.firstIndex(of: "{"), let end = base.firstIndex(of: "}") else {
            return defaultBase
        }
        let name = String(base[base.index(after: start)..<end])
        guard let value = variable(name) else { throw .noBase(of: self, orSet: [name]) }
        return base[..<start] + value + base[base.index(after: end)...]
    }
}

extension String {
    /// Whether it is a segment of a path without a meaning of its own: it has only unreserved characters (RFC 3986
    /// section 2.3), and is no dot segment (section 3.3).
    fileprivate var isPlainSegment: Bool {
        guard !utf8.elementsEqual(".".utf8), !utf8.elementsEqual("..".utf8) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-._~".utf8.contains(byte)
            }
        }
    }
}
