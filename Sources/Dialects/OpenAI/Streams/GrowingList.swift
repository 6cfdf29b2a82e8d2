import JSON

/// A list that is put together element by element, or piece by piece of its elements.
final class GrowingList {
    private(set) var elements: [GrowingValue]
    /// For each `index` that an element has said, where the last such element stands.
    private var places: [Int: Int] = [:]

    init(_ elements: [JSONTree] = []) {
        self.elements = elements.map { .tree($0) }
        for (place, element) in elements.enumerated() {
            if let index = element["index"]?.int { places[index] = place }
        }
    }

    /// Elements with an `index` are pieces of the element with that index; others come behind the list. An `id` or a `type` of
    /// its own makes an element another one, for servers that give every tool call, or all that was thought, the same index.
    func add(_ part: JSONTree, in scope: GrowingValue.Scope) {
        let index = part["index"]?.int
        if let index, let place = places[index], isPiece(part, of: elements[place]) {
            let piece = withoutRepeatedNames(part, of: elements[place])
            var element: GrowingValue? = elements[place]
            elements[place] = .tree(.null)
            GrowingValue.add(piece, to: &element, in: scope)
            elements[place] = element ?? .tree(.null)
        } else {
            elements.append(.tree(part))
            if let index { places[index] = elements.count - 1 }
        }
    }

    /// Adds a text behind the list.
    ///
    /// - Parameter asPart: the list is a content, whose parts say what they are: the text goes on with the last one that is a
    ///   text, or is a part of its own.
    func add(_ text: [UInt8], asPart: Bool) {
        guard !text.isEmpty else { return }
        guard asPart else { return elements.append(.tree(.string(text))) }
        let piece = JSONTree.object([JSONTree.Member("text", .string(text))])
        if let last = elements.last, last["type"]?.text == Self.text, last["text"]?.text != nil {
            var element: GrowingValue? = elements.removeLast()
            GrowingValue.add(piece, to: &element, in: .message)
            elements.append(element ?? .tree(piece))
        } else {
            let part = JSONTree.object([
                JSONTree.Member("type", .string(Self.text)), JSONTree.Member("text", .string(text)),
            ])
            elements.append(.tree(part))
        }
    }

    private static let text = Array("text".utf8)

    private func isPiece(_ part: JSONTree, of element: GrowingValue) -> Bool {
        for name in ["id", "type"] as [StaticString] {
            guard let said = part[name]?.text, !said.isEmpty, let present = element[name]?.text, !present.isEmpty else {
                continue
            }
            if said != present { return false }
        }
        return true
    }

    /// A piece that says the `id` again says all again that comes with it: a name that is there already is no piece of one.
    private func withoutRepeatedNames(_ part: JSONTree, of element: GrowingValue) -> JSONTree {
        guard let id = part["id"]?.text, !id.isEmpty, id == element["id"]?.text else { return part }
        var piece = part
        for kind in ["function", "custom"] as [StaticString] {
            guard let said = part[kind]?["name"]?.text, said == element[kind]?["name"]?.text else { continue }
            piece.set(kind, .object((part[kind]?.members ?? []).filter { !$0.isNamed("name") }))
        }
        return piece
    }
}
