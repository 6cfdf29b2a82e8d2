import CallTypes
import ResponseCache
import Upstream

/// What goes into the keys of requests besides their bodies. It is made beforehand for the usual requests, which name no
/// namespace and have none of the headers that change an answer.
struct KeyMaterials: Sendable {
    /// The tenant of everybody who has the one master key. It comes from the gateway's own view of a caller.
    private static let tenant = "master"

    private let namespace: String?
    private let calls: CallTable
    /// For each group, in the order of their positions, for each call in the order of theirs.
    private let usual: [KeyMaterial]

    /// - Parameters:
    ///   - namespace: `cache_params.namespace`.
    ///   - groups: all groups, in the order of their positions.
    init(namespace: String?, groups: [ModelGroup], calls: CallTable) {
        self.namespace = namespace
        self.calls = calls
        self.usual = groups.flatMap { group in
            calls.all.map {
                Self.material(namespace, calls[$0].name, group, clientNamespace: nil, headers: [])
            }
        }
    }

    /// - Parameters:
    ///   - clientNamespace: the namespace that the request names.
    ///   - headers: the values of the request's headers that change the answer.
    func material(
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        headers: [UInt8]
    ) -> KeyMaterial {
        let position = group.position * calls.count + callType.position
        guard clientNamespace == nil, headers.isEmpty, usual.indices.contains(position) else {
            let name = calls[callType].name
            return Self.material(namespace, name, group, clientNamespace: clientNamespace, headers: headers)
        }
        return usual[position]
    }

    private static func material(
        _ namespace: String?,
        _ callName: String,
        _ group: ModelGroup,
        clientNamespace: String?,
        headers: [UInt8]
    ) -> KeyMaterial {
        KeyMaterial(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callName,
            modelGroup: group.name,
            modelGroupFingerprint: group.fingerprint,
            forwardedHeaders: headers
        )
    }
}
