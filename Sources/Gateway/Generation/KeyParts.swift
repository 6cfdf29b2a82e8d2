import ResponseCache
import Upstream

/// Everything that a cache key covers besides the body, part by part.
struct KeyParts: Sendable, Equatable {
    /// What tells the models apart that requests may name.
    struct Model: Sendable, Equatable {
        /// The names of a caching group are joined by line feeds.
        let name: String
        /// Identifies the deployments.
        let fingerprint: [UInt8]

        init(of group: ModelGroup) { (name, fingerprint) = (group.name, group.fingerprint) }

        /// The same for all of these, in whatever order they are.
        init(of groups: [ModelGroup]) {
            let groups = groups.sorted { $0.name < $1.name }
            name = groups.map(\.name).joined(separator: "\n")
            fingerprint = groups.flatMap(\.fingerprint)
        }
    }

    /// Whose request it is, as the gateway itself determines it.
    let tenant: String
    /// `cache_params.namespace`.
    let namespace: String?
    /// The `namespace` that the request names.
    let clientNamespace: String?
    /// The name of the call in keys.
    let call: String
    let model: Model
    /// The values of the request's headers that change the answer.
    let keyedValues: [UInt8]

    /// The parts as they go into the digest.
    func material() throws(SHA256Failure) -> KeyMaterial {
        try KeyMaterial(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: call,
            modelGroup: model.name,
            modelGroupFingerprint: model.fingerprint,
            keyedValues: keyedValues
        )
    }
}
