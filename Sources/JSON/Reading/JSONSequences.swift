/// The elements of an array, in order. The sequence ends early if its document is given another body.
public struct JSONElements: Sequence, IteratorProtocol {
    private let document: JSONDocument
    private let generation: UInt32
    private var index: UInt32
    private let end: UInt32

    init(document: JSONDocument, next: UInt32, end: UInt32) {
        self.document = document
        generation = document.generation
        index = next
        self.end = end
    }

    public mutating func next() -> JSONNode? {
        let node = JSONNode(index: index, generation: generation)
        guard index < end, let tape = document.tapeNode(node) else { return nil }
        index = tape.next
        return node
    }
}

/// The members of an object, in the order of the body. The sequence ends early if its document is given another body.
public struct JSONMembers: Sequence, IteratorProtocol {
    private let document: JSONDocument
    private let generation: UInt32
    private var index: UInt32
    private let end: UInt32

    init(document: JSONDocument, next: UInt32, end: UInt32) {
        self.document = document
        generation = document.generation
        index = next
        self.end = end
    }

    public mutating func next() -> JSONMember? {
        guard index < end else { return nil }
        let name = JSONNode(index: index, generation: generation)
        // A name is always followed by its value.
        let value = JSONNode(index: index + 1, generation: generation)
        guard let tape = document.tapeNode(value) else { return nil }
        index = tape.next
        return JSONMember(name: name, value: value)
    }
}
