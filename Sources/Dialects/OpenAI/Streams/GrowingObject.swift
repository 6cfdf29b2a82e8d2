import JSON

/// An object that is assembled member by member.
final class GrowingObject {
    private var entries: [(name: [UInt8], value: GrowingValue)]
    /// The position of each name. It is empty while there are few names.
    private var places: [[UInt8]: Int] = [:]
    /// Up to this number of names, the names are searched one by one.
    private static let few = 8

    init(_ members: [JSONTree.Member] = []) {
        entries = members.map { ($0.name, .tree($0.value)) }
    }

    /// The members in their present state.
    var members: [JSONTree.Member] { entries.map { JSONTree.Member(name: $0.name, value: $0.value.tree) } }

    subscript(name: StaticString) -> GrowingValue? {
        place(of: name.withUTF8Buffer { Array($0) }).map { entries[$0].value }
    }

    /// Changes a member in place, without copying it. The value is nil where the object has no such member.
    func update(_ name: [UInt8], _ change: (inout GrowingValue?) -> Void) {
        guard let place = place(of: name) else {
            var value: GrowingValue?
            change(&value)
            guard let value else { return }
            entries.append((name, value))
            if !places.isEmpty { places[name] = entries.count - 1 }
            return
        }
        var value: GrowingValue? = entries[place].value
        entries[place].value = .tree(.null)
        change(&value)
        entries[place].value = value ?? .tree(.null)
    }

    func update(_ name: StaticString, _ change: (inout GrowingValue?) -> Void) {
        update(name.withUTF8Buffer { Array($0) }, change)
    }

    func set(_ name: StaticString, _ value: JSONTree) {
        update(name) { $0 = .tree(value) }
    }

    private func place(of name: [UInt8]) -> Int? {
        guard entries.count > Self.few else { return entries.firstIndex { $0.name == name } }
        if places.isEmpty {
            places.reserveCapacity(entries.count * 2)
            for (index, entry) in entries.enumerated() where places[entry.name] == nil { places[entry.name] = index }
        }
        return places[name]
    }
}
