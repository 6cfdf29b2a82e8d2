/// Parses a whole source once into a tape: one node for every value and every member's name, in source order.
///
/// It does not recurse, so that nesting uses no stack. Its memory is kept between requests.
struct JSONParser: ~Copyable {
    /// How many arrays and objects may be open at once.
    static let deepest = 128

    /// The tape, whose root is at 0. The tape of a failed parse serves only to find the path of the fault. 65,536 nodes
    /// (1 MiB) are kept: a few times what a long conversation with its tools needs.
    private(set) var nodes = Scratch<TapeNode>(initial: 256, kept: 1 << 16)
    /// The open containers, outermost first, as indices into the tape.
    private(set) var open = Scratch<UInt32>(initial: deepest, kept: deepest)
    private var order = MemberOrder()
    private var ordersMembers = true
    private var nodeLimit = Int.max
    private var skipsNumbers = false

    /// How many names the last parse compared.
    var comparisons: Int { order.comparisons }

    /// Marks the member whose name is at `index` as left out of the canonical form.
    mutating func leaveOut(memberNamed index: Int) {
        guard nodes[index].kind == .string else { return }
        nodes[index].isLeftOut = true
    }

    mutating func reset() {
        nodes.reset()
        open.reset()
        order.reset()
    }

    /// - Parameters:
    ///   - nodeLimit: how many values and names of members the source may have. The parse ends at the first one beyond.
    ///   - skipsNumbers: whether a number in an array gets a node only as the first element.
    mutating func parse(
        _ source: UnsafeRawBufferPointer,
        ordersMembers: Bool = true,
        nodeLimit: Int = .max,
        skipsNumbers: Bool = false
    ) throws(JSONFault) {
        reset()
        self.skipsNumbers = skipsNumbers
        self.ordersMembers = ordersMembers
        self.nodeLimit = nodeLimit
        guard source.count < TapeNode.longestSource else { throw JSONFault(.tooLong, at: TapeNode.longestSource) }
        guard let base = source.baseAddress else { throw JSONFault(.empty, at: 0) }
        var cursor = JSONCursor(bytes: base.assumingMemoryBound(to: UInt8.self), count: source.count)
        cursor.skipWhiteSpace()
        guard cursor.position < cursor.count else { throw JSONFault(.empty, at: cursor.position) }
        if cursor.byte == 0xEF { throw JSONFault(.byteOrderMark, at: cursor.position) }
        var opened: Bool
        repeat {
            opened = try readValue(&cursor)
        } while try advance(&cursor, opened: opened)
        cursor.skipWhiteSpace()
        guard cursor.position == cursor.count else { throw JSONFault(.trailingBytes, at: cursor.position) }
    }

    /// Reads the value at the cursor: a whole scalar, or only the opening bracket of a container.
    ///
    /// - Returns: whether it was a container.
    private mutating func readValue(_ cursor: inout JSONCursor) throws(JSONFault) -> Bool {
        let start = cursor.position
        guard nodes.count < nodeLimit else { throw JSONFault(.tooManyValues, at: start) }
        switch cursor.byte {
        case UInt8(ascii: "\""):
            try readString(&cursor)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try cursor.scanNumber()
            if skipsNumbers, isFurtherElement { break }
            append(.number, from: start, to: cursor.position)
        case UInt8(ascii: "{"):
            try openContainer(.object, &cursor)
            return true
        case UInt8(ascii: "["):
            try openContainer(.array, &cursor)
            return true
        case UInt8(ascii: "t"):
            try cursor.scanLiteral("true")
            append(.true, from: start, to: cursor.position)
        case UInt8(ascii: "f"):
            try cursor.scanLiteral("false")
            append(.false, from: start, to: cursor.position)
        case UInt8(ascii: "n"):
            try cursor.scanLiteral("null")
            append(.null, from: start, to: cursor.position)
        default:
            throw JSONFault(.expectedValue, at: start)
        }
        return false
    }

    /// Whether the value being read is an element of an array other than the first.
    private var isFurtherElement: Bool {
        guard open.count > 0 else { return false }
        let container = Int(open[open.count &- 1])
        return nodes[container].kind == .array && nodes.count > container &+ 1
    }

    /// Advances to the next value, closing the containers that end before it.
    ///
    /// - Parameter opened: whether the cursor is right after an opening bracket.
    /// - Returns: false when the root is complete.
    private mutating func advance(_ cursor: inout JSONCursor, opened: Bool) throws(JSONFault) -> Bool {
        var first = opened
        while open.count > 0 {
            cursor.skipWhiteSpace()
            let container = Int(open[open.count &- 1])
            let isObject = nodes[container].kind == .object
            if cursor.byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                cursor.position &+= 1
                try closeContainer(container, isObject: isObject, cursor)
                first = false
                continue
            }
            if !first {
                guard cursor.byte == UInt8(ascii: ",") else {
                    throw JSONFault(isObject ? .expectedCommaOrBrace : .expectedCommaOrBracket, at: cursor.position)
                }
                cursor.position &+= 1
                cursor.skipWhiteSpace()
            }
            if isObject { try readName(&cursor) }
            return true
        }
        return false
    }

    /// Reads a member's name and the colon, up to its value.
    private mutating func readName(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.byte == UInt8(ascii: "\"") else { throw JSONFault(.expectedMemberName, at: cursor.position) }
        try readString(&cursor)
        cursor.skipWhiteSpace()
        guard cursor.byte == UInt8(ascii: ":") else { throw JSONFault(.expectedColon, at: cursor.position) }
        cursor.position &+= 1
        cursor.skipWhiteSpace()
    }

    private mutating func readString(_ cursor: inout JSONCursor) throws(JSONFault) {
        let start = cursor.position
        let escaped = try cursor.scanString()
        append(.string, from: start, to: cursor.position, escaped: escaped)
    }

    private mutating func openContainer(_ kind: JSONKind, _ cursor: inout JSONCursor) throws(JSONFault) {
        guard open.count < JSONParser.deepest else { throw JSONFault(.tooDeep, at: cursor.position) }
        open.append(UInt32(truncatingIfNeeded: nodes.count))
        append(kind, from: cursor.position, to: cursor.position &+ 1)
        cursor.position &+= 1
    }

    private mutating func closeContainer(_ container: Int, isObject: Bool, _ cursor: JSONCursor) throws(JSONFault) {
        nodes[container].end = UInt32(truncatingIfNeeded: cursor.position)
        nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        if isObject, ordersMembers { try order.link(membersOf: container, in: &nodes, bytes: cursor.bytes) }
        open.removeLast()
    }

    /// Offsets and indices fit 32 bits, because a source is shorter than `TapeNode.longestSource` and has no more nodes
    /// than bytes.
    @inline(__always)
    private mutating func append(_ kind: JSONKind, from start: Int, to end: Int, escaped: Bool = false) {
        nodes.append(
            TapeNode(
                kind: kind,
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: nodes.count &+ 1),
                escaped: escaped
            )
        )
    }
}
