/// Reads values. A result is nil or empty where the node is of another kind or of another body.
extension JSONDocument {
    /// The kind of a value. It is nil where the node belongs to another document.
    public func kind(of node: JSONNode) -> JSONKind? {
        tapeNode(node)?.kind
    }

    /// The bytes of a value in the body, including a string's quotes or a container's brackets.
    public func byteRange(of node: JSONNode) -> Range<Int>? {
        tapeNode(node).map { Int($0.start)..<Int($0.end) }
    }

    /// The elements of an array, in order. It is empty for any other kind.
    public func elements(of node: JSONNode) -> JSONElements {
        guard let tape = tapeNode(node), tape.kind == .array else {
            return JSONElements(document: self, next: 0, end: 0)
        }
        return JSONElements(document: self, next: node.index + 1, end: tape.next)
    }

    /// The members of an object, in the order of the body. It is empty for any other kind.
    public func members(of node: JSONNode) -> JSONMembers {
        guard let tape = tapeNode(node), tape.kind == .object else {
            return JSONMembers(document: self, next: 0, end: 0)
        }
        return JSONMembers(document: self, next: node.index + 1, end: tape.next)
    }

    /// Calls `body` with every member of an object and its name, in the order of the body. It costs less than
    /// `members(of:)` where several names are looked for. A name is valid during the call.
    public func forEachMember(of node: JSONNode, _ body: (JSONText, JSONMember) -> Void) {
        guard let tape = tapeNode(node), tape.kind == .object else { return }
        withTape { nodes, bytes in
            var name = node.index &+ 1
            while name < tape.next {
                let member = JSONMember(
                    name: JSONNode(index: name, generation: generation),
                    value: JSONNode(index: name &+ 1, generation: generation)
                )
                body(nodes[Int(name)].text(in: bytes), member)
                name = nodes[Int(name &+ 1)].next
            }
        }
    }

    /// The value of the member of that decoded name. It takes time in proportion to the number of members.
    public func member(_ name: StaticString, of node: JSONNode) -> JSONNode? {
        for member in members(of: node) where text(of: member.name, equals: name) { return member.value }
        return nil
    }

    /// Whether a node is a string whose decoded content is exactly `text`.
    public func text(of node: JSONNode, equals text: StaticString) -> Bool {
        guard let tape = tapeNode(node), tape.kind == .string else { return false }
        return withTape { _, bytes in tape.text(in: bytes).equals(text) } ?? false
    }

    /// Whether a string is written with escapes, so that its source differs from its content.
    public func isEscaped(_ node: JSONNode) -> Bool {
        tapeNode(node)?.escaped ?? false
    }

    /// The decoded content of a string.
    public func string(_ node: JSONNode) -> String? {
        guard let tape = tapeNode(node), tape.kind == .string else { return nil }
        return withTape { _, bytes in
            let text = tape.text(in: bytes)
            if !text.escaped {
                return String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
            }
            var decoded = Scratch<UInt8>(initial: text.count, kept: text.count)
            text.append(to: &decoded)
            return String(decoding: decoded.bytes, as: UTF8.self)
        }
    }

    /// The value of a number that is a whole number of 64 bits, however it is written: `3`, `3.0` and `30e-1` are 3.
    public func int64(_ node: JSONNode) -> Int64? {
        guard let tape = tapeNode(node), tape.kind == .number else { return nil }
        let value = withTape { _, bytes in JSONDecimal(tape, in: bytes)?.int64(in: bytes) }
        return value ?? nil
    }

    /// The double nearest to a number. It is nil where the number is beyond every finite double.
    public func double(_ node: JSONNode) -> Double? {
        guard let tape = tapeNode(node), tape.kind == .number else { return nil }
        let value = withTape { _, bytes in
            Double(
                String(
                    decoding: UnsafeBufferPointer(
                        start: bytes + Int(tape.start),
                        count: Int(tape.end) - Int(tape.start)
                    ),
                    as: UTF8.self
                )
            )
        }
        guard let value = value ?? nil, value.isFinite else { return nil }
        return value
    }

    /// The value of `true` or `false`. It is nil for any other kind.
    public func bool(_ node: JSONNode) -> Bool? {
        switch kind(of: node) {
        case .true: true
        case .false: false
        default: nil
        }
    }
}
