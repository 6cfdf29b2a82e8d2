import JSON

/// A list that is assembled from elements or from pieces of its elements.
final class GrowingList {
    private(set) var elements: [GrowingValue]
    /// The position of the last element with each `index`.
    private var places: [Int: Int] = [:]

    init(_ elements: [JSONTree] = []) {
        self.elements = elements.map { .tree($0) }
        for (place, element) in elements.enumerated() {
            if let index = element["index"]?.int { places[index] = place }
        }
    }

    /// Adds an element. An element whose `index` is already in the list is a piece of the element with that index. Any
    /// other element is appended. An element with a different `id` or `type` is also appended, because some servers
    /// give every tool call, or all of the reasoning, the same index.
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

    /// Adds a text at the end of the list.
    ///
    /// - Parameter asPart: whether the list is a content, whose parts have a `type`. The text then extends the last
    ///   part if that is a text, and otherwise becomes a new part.
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

    /// Returns the part without the function name, where the part repeats both the `id` and the name. A piece that
    /// repeats the `id` repeats the members that come with it, so such a name is not a further piece of the name.
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
