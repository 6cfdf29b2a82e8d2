import Glibc

/// Where two bodies differ, found in one walk over both of them in their canonical order. The time is in proportion to
/// their sizes, apart from sorting what was found.
///
/// Both documents were parsed for keys, and have left out what their keys do not cover. Two values count as different
/// exactly where their canonical forms are, which `CanonicalWriter` makes as for a key.
public struct JSONComparison {
    /// The most differences of which the places are kept. The others are counted.
    public static let most = 64
    /// The greatest length of the path of a difference in bytes.
    public static let longestPath = JSONPointer.longest

    /// The differences that the keys cover, in the order of the first body: at most `most`.
    public private(set) var differences: [JSONDifference] = []
    /// How many there are.
    public private(set) var differenceCount = 0
    /// Differences that no key covers, in the order of the first body: at most `most`.
    public private(set) var irrelevant: [JSONDifference] = []
    /// Whether the bodies differ in the white space between values.
    public private(set) var whiteSpaceDiffers = false

    /// Compares two bodies.
    ///
    /// - Parameter apart: values of members that are not compared, in the first and the second body.
    public init(
        _ first: JSONDocument,
        _ second: JSONDocument,
        apartFrom apart: (first: JSONNode?, second: JSONNode?) = (nil, nil)
    ) {
        guard first.root != nil, second.root != nil else { return }
        _ = first.withTape { nodes, bytes in
            second.withTape { otherNodes, otherBytes in
                var walk = ComparisonWalk(
                    first: Tape(nodes: nodes, bytes: bytes, apart: apart.first?.index),
                    second: Tape(nodes: otherNodes, bytes: otherBytes, apart: apart.second?.index),
                    documents: (first, second)
                )
                walk.compare(0, 0)
                (differences, differenceCount) = (walk.relevant.kept(walk), walk.relevant.count)
                irrelevant = walk.irrelevant.kept(walk)
                guard apart == (nil, nil) else { return }
                whiteSpaceDiffers =
                    walk.first.blanks(of: first) != walk.second.blanks(of: second)
                    || differenceCount == 0 && irrelevant.isEmpty && !first.hasSource(of: second)
            }
        }
    }
}

extension JSONDocument {
    /// Whether both bodies have the same bytes.
    fileprivate func hasSource(of other: JSONDocument) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withTape { _, bytes in
            other.withTape { _, otherBytes in memcmp(bytes, otherBytes, byteCount) == 0 } ?? false
        } ?? false
    }
}

/// One of the bodies that are compared.
private struct Tape {
    let nodes: UnsafePointer<TapeNode>
    let bytes: UnsafePointer<UInt8>
    /// The value that is not compared.
    let apart: UInt32?

    func node(_ index: UInt32) -> TapeNode { nodes[Int(index)] }

    func range(_ index: UInt32) -> Range<Int> { Int(node(index).start)..<Int(node(index).end) }

    func name(_ index: UInt32) -> JSONText { node(index).text(in: bytes) }

    /// Whether a value is written as a value of the other body is.
    func isWritten(_ index: UInt32, as other: UInt32, of tape: Tape) -> Bool {
        let (range, otherRange) = (range(index), tape.range(other))
        return range.count == otherRange.count
            && memcmp(bytes + range.lowerBound, tape.bytes + otherRange.lowerBound, range.count) == 0
    }

    /// The first name of an object in sorted order. It is 0 where it has none.
    func firstName(of object: UInt32) -> UInt32 {
        let distance = node(object).firstName
        return distance == 0 ? 0 : object &+ distance
    }

    /// Whether the key covers the member of that name.
    func isCovered(_ name: UInt32) -> Bool { name != 0 && !node(name).isLeftOut }

    /// How many bytes are white space between values.
    func blanks(of document: JSONDocument) -> Int {
        var taken = 0
        for index in 0..<UInt32(truncatingIfNeeded: document.nodeCount) {
            let node = node(index)
            switch node.kind {
            case .object:
                var members = 0
                var name = firstName(of: index)
                while name != 0 {
                    members += 1
                    name = self.node(name).next
                }
                // Brackets, colons and commas.
                taken += 2 + members + max(0, members - 1)
            case .array:
                var elements = 0
                var element = index &+ 1
                while element < node.next {
                    elements += 1
                    element = self.node(element).next
                }
                taken += 2 + max(0, elements - 1)
            case .string, .number, .true, .false, .null: taken += Int(node.end) - Int(node.start)
            }
        }
        return document.byteCount - taken
    }
}

/// A step from a value to one that is in it.
private enum Step {
    /// The member whose name has that index in the first body, or in the second where the first has none.
    case member(UInt32, inFirst: Bool)
    case element(Int)
}

/// A difference whose place is not written yet.
private struct FoundDifference {
    let kind: JSONDifference.Kind
    let steps: [Step]
    let first: Range<Int>?
    let second: Range<Int>?
    /// Where the first body has it, or would have it.
    let position: Int
}

/// The differences of one sort: those that come first in the body are kept, and all are counted.
private struct Findings {
    private(set) var count = 0
    private var found: [FoundDifference] = []
    /// Nothing from there on would be kept.
    private var end = Int.max

    mutating func add(_ position: Int, _ make: () -> FoundDifference) {
        count += 1
        guard position < end else { return }
        found.append(make())
        guard found.count >= 4 * JSONComparison.most else { return }
        sort()
        end = found.last?.position ?? end
    }

    private mutating func sort() {
        // The order of the walk decides between equal positions.
        let ordered = found.enumerated().sorted {
            ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
        }
        found = ordered.prefix(JSONComparison.most).map(\.element)
    }

    func kept(_ walk: ComparisonWalk) -> [JSONDifference] {
        var copy = self
        copy.sort()
        return copy.found.map {
            JSONDifference(kind: $0.kind, path: walk.pointer($0.steps), first: $0.first, second: $0.second)
        }
    }
}

/// The walk over both bodies. Its depth is that of a body, which the parser limits.
private struct ComparisonWalk {
    let first: Tape
    let second: Tape
    let documents: (JSONDocument, JSONDocument)
    var relevant = Findings()
    var irrelevant = Findings()
    private var steps: [Step] = []
    private let canonical = (CanonicalWriter(), CanonicalWriter())

    init(first: Tape, second: Tape, documents: (JSONDocument, JSONDocument)) {
        self.first = first
        self.second = second
        self.documents = documents
    }

    mutating func compare(_ one: UInt32, _ other: UInt32) {
        let (node, otherNode) = (first.node(one), second.node(other))
        switch (node.kind, otherNode.kind) {
        case (.object, .object): compareObjects(one, other)
        case (.array, .array): compareArrays(one, other)
        case (.object, _), (.array, _), (_, .object), (_, .array): add(.value, one, other)
        default:
            if first.isWritten(one, as: other, of: second) { return }
            guard areEqual(one, other) else { return add(.value, one, other) }
            add(node.kind == .number ? .number : .escapes, one, other)
        }
    }

    private mutating func compareArrays(_ one: UInt32, _ other: UInt32) {
        let (end, otherEnd) = (first.node(one).next, second.node(other).next)
        var (element, otherElement) = (one &+ 1, other &+ 1)
        var index = 0
        while element < end || otherElement < otherEnd {
            steps.append(.element(index))
            if element >= end {
                add(.value, nil, otherElement, at: Int(first.node(one).end))
            } else if otherElement >= otherEnd {
                add(.value, element, nil, at: Int(first.node(element).start))
            } else {
                compare(element, otherElement)
            }
            steps.removeLast()
            if element < end { element = first.node(element).next }
            if otherElement < otherEnd { otherElement = second.node(otherElement).next }
            index += 1
        }
    }

    /// Merges the members of both objects in the order of their names.
    private mutating func compareObjects(_ one: UInt32, _ other: UInt32) {
        var (name, otherName) = (first.firstName(of: one), second.firstName(of: other))
        var pairs: [(UInt32, UInt32)] = []
        while name != 0 || otherName != 0 {
            let order =
                name == 0 ? 1 : otherName == 0 ? -1 : first.name(name).compare(second.name(otherName))
            let (mine, theirs) = (order <= 0 ? name : 0, order >= 0 ? otherName : 0)
            if order == 0 { pairs.append((mine, theirs)) }
            steps.append(.member(mine == 0 ? theirs : mine, inFirst: mine != 0))
            if !isApart(mine, theirs) { compareMembers(mine, theirs, endOfFirst: Int(first.node(one).end)) }
            steps.removeLast()
            if order <= 0 { name = first.node(name).next }
            if order >= 0 { otherName = second.node(otherName).next }
        }
        pairs.sort { $0.0 < $1.0 }
        if zip(pairs, pairs.dropFirst()).contains(where: { $0.1 > $1.1 }) { add(.order, one, other) }
    }

    private func isApart(_ name: UInt32, _ otherName: UInt32) -> Bool {
        name != 0 && first.apart == name &+ 1 || otherName != 0 && second.apart == otherName &+ 1
    }

    /// Compares what the objects have under one name, which is 0 where one of them has none.
    private mutating func compareMembers(_ name: UInt32, _ otherName: UInt32, endOfFirst: Int) {
        let value = name == 0 ? nil : name &+ 1
        let otherValue = otherName == 0 ? nil : otherName &+ 1
        let position = name == 0 ? endOfFirst : Int(first.node(name).start)
        switch (first.isCovered(name), second.isCovered(otherName)) {
        case (true, true):
            if !first.isWritten(name, as: otherName, of: second) {
                add(.escapes, value, otherValue, at: position)
            }
            compare(name &+ 1, otherName &+ 1)
        case (true, false): add(.value, value, nil, at: position)
        case (false, true): add(.value, nil, otherValue, at: position)
        case (false, false):
            if let value, let otherValue, areEqual(value, otherValue) { return }
            add(.leftOut, value, otherValue, at: position)
        }
    }

    /// Whether two values have the same canonical form.
    private func areEqual(_ one: UInt32, _ otherOne: UInt32) -> Bool {
        defer {
            canonical.0.reset()
            canonical.1.reset()
        }
        canonical.0.append(JSONNode(index: one, generation: documents.0.generation), of: documents.0)
        canonical.1.append(JSONNode(index: otherOne, generation: documents.1.generation), of: documents.1)
        let (bytes, otherBytes) = (canonical.0.bytes, canonical.1.bytes)
        guard bytes.count == otherBytes.count, let start = bytes.baseAddress, let other = otherBytes.baseAddress else {
            return false
        }
        return memcmp(start, other, bytes.count) == 0
    }

    private mutating func add(_ kind: JSONDifference.Kind, _ one: UInt32, _ other: UInt32) {
        add(kind, one, other, at: Int(first.node(one).start))
    }

    private mutating func add(_ kind: JSONDifference.Kind, _ one: UInt32?, _ other: UInt32?, at position: Int) {
        let make = { [steps, first, second] in
            FoundDifference(
                kind: kind,
                steps: steps,
                first: one.map { first.range($0) },
                second: other.map { second.range($0) },
                position: position
            )
        }
        if kind == .value { relevant.add(position, make) } else { irrelevant.add(position, make) }
    }

    func pointer(_ steps: [Step]) -> String {
        var pointer: [UInt8] = []
        for step in steps where pointer.count <= JSONPointer.longest {
            switch step {
            case .element(let index): JSONPointer.append(index: index, to: &pointer)
            case .member(let name, let inFirst):
                JSONPointer.append(name: inFirst ? first.name(name) : second.name(name), to: &pointer)
            }
        }
        return JSONPointer.text(pointer)
    }
}
