import ResponseCache
import Upstream

/// What goes into the keys of requests besides their bodies: made beforehand for the usual requests, which name neither a
/// namespace nor a beta.
struct KeyMaterials: Sendable {
    private struct OfGroup {
        let completion: KeyMaterial
        let textCompletion: KeyMaterial
        let embedding: KeyMaterial
    }

    /// The tenant of everybody who has the one master key. It comes from the gateway's own view of a caller.
    private static let tenant = "master"

    private let namespace: String?
    /// By the groups' positions.
    private let usual: [OfGroup]

    /// - Parameters:
    ///   - namespace: `cache_params.namespace`.
    ///   - groups: all groups, in the order of their positions.
    init(namespace: String?, groups: [ModelGroup]) {
        self.namespace = namespace
        self.usual = groups.map { group in
            func material(_ callType: CallType) -> KeyMaterial {
                Self.material(namespace, callType, group, clientNamespace: nil, beta: nil)
            }
            return OfGroup(
                completion: material(.completion),
                textCompletion: material(.textCompletion),
                embedding: material(.embedding)
            )
        }
    }

    /// - Parameters:
    ///   - clientNamespace: the namespace that the request names.
    ///   - beta: what the request's `OpenAI-Beta` says.
    func material(callType: CallType, group: ModelGroup, clientNamespace: String?, beta: String?) -> KeyMaterial {
        guard clientNamespace == nil, beta == nil, usual.indices.contains(group.position) else {
            return Self.material(namespace, callType, group, clientNamespace: clientNamespace, beta: beta)
        }
        switch callType {
        case .completion: return usual[group.position].completion
        case .textCompletion: return usual[group.position].textCompletion
        case .embedding: return usual[group.position].embedding
        }
    }

    private static func material(
        _ namespace: String?,
        _ callType: CallType,
        _ group: ModelGroup,
        clientNamespace: String?,
        beta: String?
    ) -> KeyMaterial {
        KeyMaterial(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callType.rawValue,
            modelGroup: group.name,
            modelGroupFingerprint: group.fingerprint,
            forwardedHeaders: beta.map { Array($0.utf8) } ?? []
        )
    }
}
