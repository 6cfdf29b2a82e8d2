/// A JSON value that is put together piece by piece. A piece costs what it holds, however much there is already: members and
/// numbered elements are found by tables, and texts grow in place.
enum GrowingValue {
    case text([UInt8])
    case list(GrowingList)
    case object(GrowingObject)
    /// A value that nothing was added to yet.
    case tree(JSONTree)

    /// As it stands.
    var tree: JSONTree {
        switch self {
        case .text(let text): .string(text)
        case .list(let list): .array(list.elements.map(\.tree))
        case .object(let object): .object(object.members)
        case .tree(let tree): tree
        }
    }

    /// Members that are said once, though some servers say them in every chunk.
    private static let saidOnce: [StaticString] = ["role", "id", "type", "name", "finish_reason", "object"]

    /// Adds a piece: texts are joined, lists appended, and of anything else the last one counts; null changes nothing.
    ///
    /// - Parameters:
    ///   - present: what there is; nil: nothing yet.
    ///   - name: the member that it is the value of.
    static func add(_ more: JSONTree, to present: inout GrowingValue?, name: [UInt8] = []) {
        switch more {
        case .null: present = present ?? .tree(.null)
        case .scalar: present = .tree(more)
        case .string(let piece):
            guard var text = taken(&present) else { return present = .text(piece) }
            if text.isEmpty || !saidOnce.contains(where: { $0.withUTF8Buffer(name.elementsEqual) }) { text += piece }
            present = .text(text)
        case .array(let parts):
            guard let list = list(&present) else { return present = .tree(more) }
            for part in parts { list.add(part) }
        case .object(let members):
            guard let object = object(&present) else { return present = .tree(more) }
            for member in members {
                object.update(member.name) { add(member.value, to: &$0, name: member.name) }
            }
        }
    }

    /// The text, which is taken out so that it can grow without being copied; nil: it is none, and stays.
    private static func taken(_ present: inout GrowingValue?) -> [UInt8]? {
        switch present {
        case .text(let text)?, .tree(.string(let text))?:
            present = nil
            return text
        default: return nil
        }
    }

    private static func list(_ present: inout GrowingValue?) -> GrowingList? {
        switch present {
        case .list(let list)?: return list
        case .tree(.array(let elements))?:
            let list = GrowingList(elements)
            present = .list(list)
            return list
        default: return nil
        }
    }

    private static func object(_ present: inout GrowingValue?) -> GrowingObject? {
        switch present {
        case .object(let object)?: return object
        case .tree(.object(let members))?:
            let object = GrowingObject(members)
            present = .object(object)
            return object
        default: return nil
        }
    }

    /// The texts by which list elements are told apart.
    fileprivate var id: [UInt8]? {
        switch self {
        case .tree(let tree): tree["id"]?.text
        case .object(let object): object["id"]?.tree.text
        case .text, .list: nil
        }
    }
}

/// An object that grows.
final class GrowingObject {
    private var entries: [(name: [UInt8], value: GrowingValue)]
    /// Where each name stands; empty while there are few.
    private var places: [[UInt8]: Int] = [:]
    /// Names up to which they are looked through one by one.
    private static let few = 8

    init(_ members: [JSONTree.Member] = []) {
        entries = members.map { ($0.name, .tree($0.value)) }
    }

    /// As they stand.
    var members: [JSONTree.Member] { entries.map { JSONTree.Member(name: $0.name, value: $0.value.tree) } }

    subscript(name: StaticString) -> GrowingValue? {
        place(of: name.withUTF8Buffer { Array($0) }).map { entries[$0].value }
    }

    /// Changes a member where it stands, without a copy of it; nil stands for one that is not there.
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

    func set(_ name: StaticString, _ value: JSONTree) {
        update(name.withUTF8Buffer { Array($0) }) { $0 = .tree(value) }
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

/// A list that grows.
final class GrowingList {
    private(set) var elements: [GrowingValue]
    /// For each `index` that an element has said, where the last such element stands.
    private var places: [Int: Int] = [:]

    init(_ elements: [JSONTree]) {
        self.elements = elements.map { .tree($0) }
        for (place, element) in elements.enumerated() {
            if let index = element["index"]?.int { places[index] = place }
        }
    }

    /// Elements with an `index` are parts of the element with that index; others come behind the list. An `id` of its own
    /// makes an element another one, for servers that give every tool call the same index.
    func add(_ part: JSONTree) {
        let index = part["index"]?.int
        if let index, let place = places[index], isPiece(part, of: elements[place]) {
            var element: GrowingValue? = elements[place]
            elements[place] = .tree(.null)
            GrowingValue.add(part, to: &element)
            elements[place] = element ?? .tree(.null)
        } else {
            elements.append(.tree(part))
            if let index { places[index] = elements.count - 1 }
        }
    }

    private func isPiece(_ part: JSONTree, of element: GrowingValue) -> Bool {
        guard let id = part["id"]?.text, !id.isEmpty, let present = element.id, !present.isEmpty else { return true }
        return id == present
    }
}
