/// The groups of exact names. The first one of a name counts.
struct NamedGroups: Sendable {
    /// The groups in their order, where there are so few that comparing a name with each takes less time than hashing it.
    private var few: [(name: ModelName, group: ModelGroup)] = []
    /// The groups, where there are more.
    private var many: [ModelName: ModelGroup] = [:]

    /// The largest number of names that are compared one after another. Most differ by their length already.
    private static let mostCompared = 8

    init(_ groups: some Sequence<(String, ModelGroup)>) {
        for (name, group) in groups where self[name] == nil { add(group, named: name) }
    }

    /// The group of a name, byte for byte.
    subscript(name: String) -> ModelGroup? {
        let name = ModelName(name)
        guard many.isEmpty else { return many[name] }
        for entry in few where entry.name == name { return entry.group }
        return nil
    }

    /// Adds a group under a name that has none.
    mutating func add(_ group: ModelGroup, named name: String) {
        if many.isEmpty, few.count < Self.mostCompared { return few.append((ModelName(name), group)) }
        for entry in few { many[entry.name] = entry.group }
        few = []
        many[ModelName(name)] = group
    }
}
