import CallTypes
import Configuration
import Dialects
import Testing
import Upstream

@testable import Gateway
@testable import ResponseCache

@Suite("The key materials of tenants")
struct KeyMaterialsTests {
    private static let groups = ModelDirectory.make(
        ["m", "n", "x/*"].map {
            DeploymentDescription(modelName: $0, model: $0, provider: "openai", apiBase: "http://h", apiKey: "k")
        },
        calls: DialectTable.served.types
    ) { _ in nil }.directory

    private static func tenant(_ name: String, _ position: Int, _ scope: KeySettings.CacheScope = .own) -> Tenant {
        var settings = KeySettings(name: name, credential: .key(Secret(name)))
        settings.cacheScope = scope
        return Tenant(settings, position: position, usages: KeyUsages())
    }

    private func digest(
        _ tenant: Tenant?,
        _ model: String,
        _ type: CallType,
        clientNamespace: String? = nil,
        _ prepared: TenantMaterials? = nil
    ) throws -> SHA256Digest {
        let materials = try KeyMaterials(
            namespace: nil,
            groups: Self.groups.groups,
            calls: DialectTable.served.types
        )
        let group = try #require(Self.groups.group(named: model))
        return try materials.material(
            for: tenant,
            prepared: prepared,
            callType: type,
            group: group,
            clientNamespace: clientNamespace,
            keyedValues: []
        ).digest
    }

    @Test("Models of a caching group have one material, whatever their order, and a name that a pattern covers its own")
    func sharing() throws {
        let groups = Self.groups.groups
        let chat = try #require(DialectTable.served.types.type(configuredAs: "completion"))
        func digest(_ model: String, _ sharing: [[ModelGroup]]) throws -> SHA256Digest {
            let materials = try KeyMaterials(
                namespace: nil,
                groups: groups,
                sharing: sharing,
                calls: DialectTable.served.types
            )
            let group = try #require(Self.groups.group(named: model))
            return try materials.material(
                for: nil,
                prepared: nil,
                callType: chat,
                group: group,
                clientNamespace: nil,
                keyedValues: []
            ).digest
        }
        let both = Array(groups.prefix(2))
        #expect(try digest("m", [both]) == digest("n", [both.reversed()]))
        #expect(try digest("m", [both]) != digest("m", []))
        #expect(try digest("x/a", [groups]) != digest("x/b", [groups]))
        #expect(try digest("x/a", [groups]) == digest("x/a", []))
    }

    @Test("Entries of the master key remain valid: its material covers the same bytes as ever")
    func master() throws {
        let material = try KeyMaterial(
            tenant: "master",
            namespace: nil,
            clientNamespace: nil,
            callType: "completion",
            modelGroup: "gpt-4o",
            modelGroupFingerprint: [1, 2, 3],
            keyedValues: []
        )
        // Computed without the gateway, from the lengths and the parts.
        let expected = "3789d13f34e5dab158f9b8ea0144e5e56f3b39cfe8e25067c3701d63d646f3b0"
        #expect(CacheKey(prefix: "", digest: material.digest).description == ":" + expected)
        for model in ["m", "n", "x/y"] {
            let group = try #require(Self.groups.group(named: model))
            let stated = try KeyMaterial(
                tenant: "master",
                namespace: nil,
                clientNamespace: nil,
                callType: DialectTable.served.types[Served.chat.type].name,
                modelGroup: model,
                modelGroupFingerprint: group.fingerprint,
                keyedValues: []
            )
            #expect(try digest(nil, model, Served.chat.type) == stated.digest)
            #expect(try digest(Self.tenant("s", 0, .shared), model, Served.chat.type) == stated.digest)
        }
    }

    @Test("No two tenants, models or calls have the same, however it was come by, and the same always has")
    func distinct() throws {
        let prepared = TenantMaterials()
        let tenants = [nil, Self.tenant("a", 0), Self.tenant("b", 1), Self.tenant("m", 2)]
        var seen: Set<SHA256Digest> = []
        for tenant in tenants {
            for model in ["m", "n", "x/y", "x/z"] {
                for call in DialectTable.served.calls {
                    let digest = try digest(tenant, model, call.type, prepared)
                    #expect(seen.insert(digest).inserted)
                    for kept in [prepared, nil] {
                        #expect(try self.digest(tenant, model, call.type, kept) == digest)
                    }
                }
            }
            let named = try digest(tenant, "m", Served.chat.type, clientNamespace: "n", prepared)
            #expect(seen.insert(named).inserted)
        }
    }

    @Test("What is kept is bounded")
    func bounded() throws {
        let prepared = TenantMaterials()
        var made = 0
        func take(_ position: Int) throws {
            _ = try prepared.material(at: position) { () throws(SHA256Failure) in
                made += 1
                return try KeyMaterial(
                    tenant: "t",
                    namespace: nil,
                    clientNamespace: nil,
                    callType: "c",
                    modelGroup: "m",
                    modelGroupFingerprint: [],
                    keyedValues: []
                )
            }
        }
        for position in 0..<10_000 { try take(position) }
        try take(9_999)
        #expect(made == 10_000)
        try take(0)
        #expect(made == 10_001)
    }
}
