import CallTypes
import ResponseCache
import Upstream

/// What is part of the cache keys of requests in addition to their bodies. It is prepared in advance for the usual
/// requests, which name no namespace and have none of the headers that change an answer.
struct KeyMaterials: Sendable {
    private let namespace: String?
    private let calls: CallTable
    /// The prepared materials, ordered by the position of the group and then by the position of the call.
    private let usual: [KeyMaterial]

    /// - Parameters:
    ///   - namespace: `cache_params.namespace`.
    ///   - groups: all groups, in the order of their positions.
    init(namespace: String?, groups: [ModelGroup], calls: CallTable) throws(SHA256Failure) {
        self.namespace = namespace
        self.calls = calls
        var usual: [KeyMaterial] = []
        for group in groups {
            for call in calls.all {
                usual.append(
                    try Self.material(namespace, calls[call].name, group, clientNamespace: nil, keyedValues: [])
                )
            }
        }
        self.usual = usual
    }

    /// - Parameters:
    ///   - clientNamespace: the namespace that the request names.
    ///   - keyedValues: the values of the request's headers that change the answer.
    func material(
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        let position = group.position * calls.count + callType.position
        guard clientNamespace == nil, keyedValues.isEmpty, !group.isMadeForName, usual.indices.contains(position) else {
            let name = calls[callType].name
            return try Self.material(namespace, name, group, clientNamespace: clientNamespace, keyedValues: keyedValues)
        }
        return usual[position]
    }

    private static func material(
        _ namespace: String?,
        _ callName: String,
        _ group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        try KeyMaterial(
            tenant: Transaction.Caller.masterTenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callName,
            modelGroup: group.name,
            modelGroupFingerprint: group.fingerprint,
            keyedValues: keyedValues
        )
    }
}
