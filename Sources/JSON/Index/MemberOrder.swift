/// Sorts the members of an object by the bytes of their decoded names, and finds two members of one name.
///
/// It is a merge sort of linked lists, whose links are the `next` fields of the names in the tape. It moves nothing,
/// takes O(n log n) comparisons whatever the names are, and compares any two equal names, since they end up next to
/// each other.
struct MemberOrder {
    /// Sorted lists that wait to be merged, by their first name. The one at level k has 2^k members, and 0 is none.
    private var waiting = [32 of UInt32](repeating: 0)

    /// How many names have been compared since the counter was last cleared: the cost that a hostile body could
    /// increase.
    var comparisons = 0

    /// Prepares for another body, and clears lists that a failed parse has left.
    mutating func reset() {
        guard comparisons > 0 else { return }
        self = MemberOrder()
    }

    /// Links the names of the object at `container`, which the parser has just closed.
    mutating func link(
        membersOf container: Int,
        in nodes: inout Scratch<TapeNode>,
        bytes: UnsafePointer<UInt8>
    ) throws(JSONFault) {
        let end = nodes[container].next
        var name = UInt32(truncatingIfNeeded: container &+ 1)
        guard name < end else { return }
        var levels = 0
        while name < end {
            let following = nodes[Int(name) &+ 1].next
            nodes[Int(name)].next = 0
            var list = name
            var level = 0
            while level < levels, waiting[level] != 0 {
                list = try merge(waiting[level], list, in: &nodes, bytes: bytes)
                waiting[level] = 0
                level += 1
            }
            waiting[level] = list
            levels = max(levels, level + 1)
            name = following
        }
        var sorted: UInt32 = 0
        for level in 0..<levels where waiting[level] != 0 {
            sorted = sorted == 0 ? waiting[level] : try merge(waiting[level], sorted, in: &nodes, bytes: bytes)
            waiting[level] = 0
        }
        nodes[container].firstName = sorted &- UInt32(truncatingIfNeeded: container)
    }

    /// Merges two sorted lists, neither of them empty, and returns the first name of the result.
    private mutating func merge(
        _ one: UInt32,
        _ other: UInt32,
        in nodes: inout Scratch<TapeNode>,
        bytes: UnsafePointer<UInt8>
    ) throws(JSONFault) -> UInt32 {
        var one = one
        var other = other
        var head: UInt32 = 0
        var tail: UInt32 = 0
        while one != 0, other != 0 {
            comparisons &+= 1
            let order = nodes[Int(one)].text(in: bytes).compare(nodes[Int(other)].text(in: bytes))
            if order == 0 { throw JSONFault(.duplicateMember, at: Int(nodes[Int(max(one, other))].start)) }
            let least = order < 0 ? one : other
            if order < 0 { one = nodes[Int(one)].next } else { other = nodes[Int(other)].next }
            if tail == 0 { head = least } else { nodes[Int(tail)].next = least }
            tail = least
        }
        nodes[Int(tail)].next = one != 0 ? one : other
        return head
    }
}

extension TapeNode {
    /// The content of this node, which is a string. `bytes` is the source that the tape was made from.
    func text(in bytes: UnsafePointer<UInt8>) -> JSONText {
        JSONText(bytes: bytes + Int(start) + 1, count: Int(end) - Int(start) - 2, escaped: escaped)
    }
}
