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
    /// What stands for the name and the deployments of groups that share entries, by their positions.
    private let shared: [Int: KeyParts.Model]

    /// - Parameters:
    ///   - namespace: `cache_params.namespace`.
    ///   - groups: all groups, in the order of their positions.
    ///   - sharing: groups that share entries with one another.
    init(
        namespace: String?,
        groups: [ModelGroup],
        sharing: [[ModelGroup]] = [],
        calls: CallTable
    ) throws(SHA256Failure) {
        self.namespace = namespace
        var shared: [Int: KeyParts.Model] = [:]
        for groups in sharing {
            for group in groups { shared[group.position] = KeyParts.Model(of: groups) }
        }
        self.shared = shared
        self.calls = calls
        var usual: [KeyMaterial] = []
        for group in groups {
            for call in calls.all {
                usual.append(
                    try KeyParts(
                        tenant: KeySettings.masterName,
                        namespace: namespace,
                        clientNamespace: nil,
                        call: calls[call].name,
                        model: shared[group.position] ?? KeyParts.Model(of: group),
                        keyedValues: []
                    ).material()
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
        if isUsual {
            guard let tenant, !tenant.isShared else { return usual[position] }
            if let prepared {
                return try prepared.material(at: tenant.position * usual.count + position) {
                    () throws(SHA256Failure) in
                    try parts(
                        for: tenant,
                        callType: callType,
                        group: group,
                        clientNamespace: clientNamespace,
                        keyedValues: keyedValues
                    ).material()
                }
            }
        }
        return try parts(
            for: tenant,
            callType: callType,
            group: group,
            clientNamespace: clientNamespace,
            keyedValues: keyedValues
        ).material()
    }

    /// What a material is made of.
    func parts(
        for tenant: Tenant?,
        callType: CallType,
        group: ModelGroup,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) -> KeyParts {
        KeyParts(
            tenant: tenant?.cacheTenant ?? KeySettings.masterName,
            namespace: namespace,
            clientNamespace: clientNamespace,
            call: calls[callType].name,
            // A name that a pattern covers stands for itself alone.
            model: (group.isMadeForName ? nil : shared[group.position]) ?? KeyParts.Model(of: group),
            keyedValues: keyedValues
        )
    }
}
