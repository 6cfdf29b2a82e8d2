/// A gateway with keys of several tenants. `a` and `b` have a cache of their own, and `c` and `d` share the master key's.
enum Tenants {
    static let keys = """
        general_settings:
          master_key: sk-master
          keys:
            - {name: a, key: sk-a}
            - {name: b, key: sk-b}
            - {name: c, key: sk-c, cache_scope: shared}
            - {name: d, key: sk-d, cache_scope: shared}

        """

    /// The header with the key of a tenant, or with the master key.
    static func header(_ name: String) -> [String: String] { ["Authorization": "Bearer sk-\(name)"] }

    /// Whether the holders of two keys see each other's cached answers.
    static func shares(_ one: String, _ other: String) -> Bool {
        one == other || [one, other].allSatisfy { ["master", "c", "d"].contains($0) }
    }

    static let all = ["a", "b", "c", "d", "master"]
}
