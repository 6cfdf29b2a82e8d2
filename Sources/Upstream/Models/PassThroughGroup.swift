public import CallTypes

extension ModelGroup {
    /// A group for requests that are passed on to a server which serves no model.
    ///
    /// - Parameters:
    ///   - name: what it is called in the log and in errors.
    ///   - target: the URL of the server, to whose path that of a request is added.
    ///   - headers: the fields that are added to requests.
    /// - Throws: a `ModelProblem` whose member is `target` or `headers`.
    public static func passingOn(
        to target: String,
        name: String,
        headers: [(name: String, value: String)],
        defaults: DeploymentDefaults,
        calls: CallTable
    ) throws(ModelProblem) -> ModelGroup {
        var description = DeploymentDescription(modelName: name, model: name, apiBase: target, extraHeaders: headers)
        description.trust = defaults.trust
        let prepared: PreparedRequest
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(passingTo: target)
            prepared = try PreparedRequest(endpoint, description: description, calls: calls)
        } catch {
            let member = error.member == "api_base" ? "target" : "headers"
            throw ModelProblem(severity: .error, index: 0, member: member, description: error.description)
        }
        let deployment = Deployment(
            endpoint: endpoint,
            description: description,
            defaults: defaults,
            transport: .network(prepared)
        )
        let limits = defaults.admission
        let group = AdmissionState.Group([deployment], waitingCalls: limits.waitingCalls)
        let admission = CallAdmission(AdmissionState(groups: [group], totalLimit: limits.calls))
        return ModelGroup(
            name: name,
            deployments: [deployment],
            numRetries: defaults.numRetries ?? 2,
            gate: CallGate(admission: admission, group: 0, longestWait: limits.longestWait)
        )
    }
}

extension Endpoint {
    /// The endpoint of a server that has no provider, and no key but what is configured as a header.
    fileprivate init(passingTo target: String) throws(EndpointProblem) {
        let provider = Provider(
            name: "pass-through",
            defaultBase: nil,
            baseVariables: [],
            keyVariables: [],
            requiresKey: false
        )
        do {
            self.init(provider: provider, base: try UpstreamURL(target), model: "")
        } catch {
            throw EndpointProblem(member: "api_base", description: "target is not a usable URL: \(error)")
        }
    }
}
