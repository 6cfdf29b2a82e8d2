/// Finds two members of one name, of which some readers take the first and others the last.
///
/// A parse for a key finds them too, by sorting all members. Where there are none, this costs a few instructions a
/// member.
extension JSONDocument {
    /// Whether any object of the body has two members of one name, compared decoded.
    public var hasRepeatedMembers: Bool {
        let count = UInt32(truncatingIfNeeded: nodeCount)
        return withTape { nodes, bytes in
            var index: UInt32 = 0
            while index < count {
                if nodes[Int(index)].kind == .object, hasRepeatedMembers(index, nodes, bytes) { return true }
                index &+= 1
            }
            return false
        } ?? false
    }

    /// Each name sets a bit that its length and its first and last bytes select. An object is examined further only if
    /// two names share a bit. The names of OpenAI's answers share none.
    @inline(__always)
    private func hasRepeatedMembers(
        _ object: UInt32,
        _ nodes: UnsafePointer<TapeNode>,
        _ bytes: UnsafePointer<UInt8>
    ) -> Bool {
        var seen: UInt64 = 0
        let end = nodes[Int(object)].next
        var name = object &+ 1
        while name < end {
            let node = nodes[Int(name)]
            // For an empty name, these are the quotes.
            let first = UInt64(bytes[Int(node.start) &+ 1])
            let last = UInt64(bytes[Int(node.end) &- 2])
            let bit: UInt64 = 1 << ((UInt64(node.end &- node.start) &+ first &+ last) & 63)
            if seen & bit != 0 || node.escaped { return Self.isAnyRepeated(object, nodes, bytes) }
            seen |= bit
            name = nodes[Int(name &+ 1)].next
        }
        return false
    }

    /// Sorts the names, so that equal ones stand side by side.
    @inline(never)
    private static func isAnyRepeated(
        _ object: UInt32,
        _ nodes: UnsafePointer<TapeNode>,
        _ bytes: UnsafePointer<UInt8>
    ) -> Bool {
        var names: [JSONText] = []
        var name = object &+ 1
        while name < nodes[Int(object)].next {
            names.append(nodes[Int(name)].text(in: bytes))
            name = nodes[Int(name &+ 1)].next
        }
        names.sort { $0.compare($1) < 0 }
        return zip(names, names.dropFirst()).contains { $0.compare($1) == 0 }
    }
}
