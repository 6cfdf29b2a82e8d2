import ResponseCache

/// What is part of the cache keys of tenants, as far as it has been needed. Each event loop has its own for each
/// generation, so that no lock is taken, and thousands of keys take no memory before they are used.
final class TenantMaterials {
    /// More are forgotten and computed anew. They take less than half a megabyte.
    private static let most = 4_096

    private var materials: [Int: KeyMaterial] = [:]

    /// Returns what was computed, or computes it.
    ///
    /// - Parameter position: identifies the tenant, the model group and the call within a generation.
    func material(
        at position: Int,
        _ make: () throws(SHA256Failure) -> KeyMaterial
    ) throws(SHA256Failure) -> KeyMaterial {
        if let known = materials[position] { return known }
        let material = try make()
        if materials.count >= Self.most { materials = [:] }
        materials[position] = material
        return material
    }
}
