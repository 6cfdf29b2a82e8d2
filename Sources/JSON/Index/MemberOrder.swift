/// Sorts the members of an object by the bytes of their decoded names, and finds two members of one name.
///
/// It is a merge sort of linked lists, whose links are the `next` fields of the names in the tape. It moves nothing,
/// takes O(n log n) comparisons whatever the names are, and compares any two equal names, since they end up next to
/// each other. It begins with runs: names each of which comes before or after all earlier ones of the run. Most objects
/// are one run.
struct MemberOrder {
    /// Sorted lists that wait to be merged, by their first name. The one at level k consists of 2^k runs, and 0 is none.
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
        var list = try takeRun(&name, end, in: &nodes, bytes: bytes)
        if name < end {
            list = try mergeRuns(list, from: name, end, in: &nodes, bytes: bytes)
        }
        nodes[container].firstName = list &- UInt32(truncatingIfNeeded: container)
    }

    /// Links the run that begins with `name`, and moves `name` behind it.
    ///
    /// - Returns: its first name in the order of the bytes.
    @inline(__always)
    private mutating func takeRun(
        _ name: inout UInt32,
        _ end: UInt32,
        in nodes: inout Scratch<TapeNode>,
        bytes: UnsafePointer<UInt8>
    ) throws(JSONFault) -> UInt32 {
        var first = name
        var last = name
        name = nodes[Int(name) &+ 1].next
        while name < end {
            let following = nodes[Int(name) &+ 1].next
            if try comesBefore(last, name, in: nodes, bytes: bytes) {
                nodes[Int(last)].next = name
                last = name
            } else if first == last {
                // It is not after the only name, so it comes before it.
                nodes[Int(name)].next = first
                first = name
            } else if try comesBefore(name, first, in: nodes, bytes: bytes) {
                nodes[Int(name)].next = first
                first = name
            } else {
                break
            }
            name = following
        }
        nodes[Int(last)].next = 0
        return first
    }

    /// Sorts an object that has more than one run.
    ///
    /// - Parameters:
    ///   - run: the first name of the first run.
    ///   - name: the name that follows that run.
    @inline(never)
    private mutating func mergeRuns(
        _ run: UInt32,
        from name: UInt32,
        _ end: UInt32,
        in nodes: inout Scratch<TapeNode>,
        bytes: UnsafePointer<UInt8>
    ) throws(JSONFault) -> UInt32 {
        waiting[0] = run
        var levels = 1
        var name = name
        while name < end {
            var list = try takeRun(&name, end, in: &nodes, bytes: bytes)
            var level = 0
            while level < levels, waiting[level] != 0 {
                list = try merge(waiting[level], list, in: &nodes, bytes: bytes)
                waiting[level] = 0
                level += 1
            }
            waiting[level] = list
            levels = max(levels, level + 1)
        }
        var sorted: UInt32 = 0
        for level in 0..<levels where waiting[level] != 0 {
            sorted = sorted == 0 ? waiting[level] : try merge(waiting[level], sorted, in: &nodes, bytes: bytes)
            waiting[level] = 0
        }
        return sorted
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
            let isOne = try comesBefore(one, other, in: nodes, bytes: bytes)
            let least = isOne ? one : other
            if isOne { one = nodes[Int(one)].next } else { other = nodes[Int(other)].next }
            if tail == 0 { head = least } else { nodes[Int(tail)].next = least }
            tail = least
        }
        nodes[Int(tail)].next = one != 0 ? one : other
        return head
    }

    /// Whether the name `one` is less than `other`. Two equal names are an error, at the later one.
    @inline(__always)
    private mutating func comesBefore(
        _ one: UInt32,
        _ other: UInt32,
        in nodes: borrowing Scratch<TapeNode>,
        bytes: UnsafePointer<UInt8>
    ) throws(JSONFault) -> Bool {
        comparisons &+= 1
        let order = nodes[Int(one)].text(in: bytes).compare(nodes[Int(other)].text(in: bytes))
        if order == 0 { throw JSONFault(.duplicateMember, at: Int(nodes[Int(max(one, other))].start)) }
        return order < 0
    }
}

extension TapeNode {
    /// The content of this node, which is a string. `bytes` is the source that the tape was made from.
    func text(in bytes: UnsafePointer<UInt8>) -> JSONText {
        JSONText(bytes: bytes + Int(start) + 1, count: Int(end) - Int(start) - 2, escaped: escaped)
    }
}
