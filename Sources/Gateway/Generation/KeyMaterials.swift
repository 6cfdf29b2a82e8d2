import CallTypes
import Configuration
import ResponseCache
import Upstream

/// What is part of the cache keys of requests in addition to their bodies. It is prepared in advance for the usual
/// requests of the master key's tenant, which name no namespace and have none of the headers that change an answer.
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
                    try Self.material(
                        KeySettings.masterName,
                        namespace,
                        calls[call].name,
                        group,
                        clientNamespace: nil,
                        keyedValues: []
                    )
                )
            }
        }
        self.usual = usual
    }

    /// - Parameters:
    ///   - tenant: the client's. It is nil for the master key.
    ///   - prepared: where what was computed for a tenant is kept.
    ///   - clientNamespace: the namespace that the request names.
    ///   - keyedValues: the values of the request's headers that change the answer.
    func material(
        for tenant: Tenant?,
        prepared: TenantMaterials?,
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        let position = group.position * calls.count + callType.position
        let isUsual =
            clientNamespace == nil && keyedValues.isEmpty && !group.isMadeForName && usual.indices.contains(position)
        guard let tenant, !tenant.isShared else {
            if isUsual { return usual[position] }
            return try Self.material(
                KeySettings.masterName,
                namespace,
                calls[callType].name,
                group,
                clientNamespace: clientNamespace,
                keyedValues: keyedValues
            )
        }
        let make = { [namespace, calls] () throws(SHA256Failure) in
            try Self.material(
                tenant.cacheTenant,
                namespace,
                calls[callType].name,
                group,
                clientNamespace: clientNamespace,
                keyedValues: keyedValues
            )
        }
        guard isUsual, let prepared else { return try make() }
        return try prepared.material(at: tenant.position * usual.count + position, make)
    }

    private static func material(
        _ tenant: String,
        _ namespace: String?,
        _ callName: String,
        _ group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        try KeyMaterial(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callName,
            modelGroup: group.name,
            modelGroupFingerprint: group.fingerprint,
            keyedValues: keyedValues
        )
    }
}
