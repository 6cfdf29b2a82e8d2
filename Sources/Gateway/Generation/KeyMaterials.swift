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
    private let shared: [Int: ModelIdentity]

    /// What tells the models apart that requests may name.
    private struct ModelIdentity {
        let name: String
        let fingerprint: [UInt8]

        init(of group: ModelGroup) { (name, fingerprint) = (group.name, group.fingerprint) }

        /// The same for all of these, in whatever order they are.
        init(of groups: [ModelGroup]) {
            let groups = groups.sorted { $0.name < $1.name }
            name = groups.map(\.name).joined(separator: "\n")
            fingerprint = groups.flatMap(\.fingerprint)
        }
    }

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
        var shared: [Int: ModelIdentity] = [:]
        for groups in sharing {
            for group in groups { shared[group.position] = ModelIdentity(of: groups) }
        }
        self.shared = shared
        self.calls = calls
        var usual: [KeyMaterial] = []
        for group in groups {
            for call in calls.all {
                usual.append(
                    try Self.material(
                        KeySettings.masterName,
                        namespace,
                        calls[call].name,
                        shared[group.position] ?? ModelIdentity(of: group),
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
            let identity = identity(of: group)
            return try Self.material(
                KeySettings.masterName,
                namespace,
                calls[callType].name,
                identity,
                clientNamespace: clientNamespace,
                keyedValues: keyedValues
            )
        }
        let identity = identity(of: group)
        let make = { [namespace, calls] () throws(SHA256Failure) in
            try Self.material(
                tenant.cacheTenant,
                namespace,
                calls[callType].name,
                identity,
                clientNamespace: clientNamespace,
                keyedValues: keyedValues
            )
        }
        guard isUsual, let prepared else { return try make() }
        return try prepared.material(at: tenant.position * usual.count + position, make)
    }

    /// A name that a pattern covers stands for itself alone.
    private func identity(of group: ModelGroup) -> ModelIdentity {
        (group.isMadeForName ? nil : shared[group.position]) ?? ModelIdentity(of: group)
    }

    private static func material(
        _ tenant: String,
        _ namespace: String?,
        _ callName: String,
        _ model: ModelIdentity,
        clientNamespace: String?,
        keyedValues: [UInt8]
    ) throws(SHA256Failure) -> KeyMaterial {
        try KeyMaterial(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callName,
            modelGroup: model.name,
            modelGroupFingerprint: model.fingerprint,
            keyedValues: keyedValues
        )
    }
}
