/// Finds any of many texts in one pass (Aho and Corasick, "Efficient string matching", 1975).
struct SecretMatcher: Sendable {
    static let root = 0

    /// `node << 8 | byte` leads to the next node.
    private var edges: [Int: Int] = [:]
    private var depths = [0]
    /// The node of the longest proper suffix that is also a prefix of some text.
    private var suffixes = [0]
    /// Whether some text continues after the node.
    private var goesOn = [false]
    /// Whether a text ends at the node.
    private var ends = [false]
    /// The nearest node along `suffixes` at which a text ends. It is 0 where there is none.
    private var shorter = [0]

    init(_ texts: [[UInt8]]) {
        for text in texts { add(text) }
        link()
    }

    var isEmpty: Bool { depths.count == 1 }

    /// The length of the incomplete text that was found at a node. It is 0 where there is none.
    func beginning(_ node: Int) -> Int { goesOn[node] ? depths[node] : 0 }

    /// Advances by one byte, in a constant number of steps on average over a text.
    func next(_ node: Int, _ byte: UInt8) -> Int {
        var node = node
        while true {
            if let next = edges[node << 8 | Int(byte)] { return next }
            if node == Self.root { return node }
            node = suffixes[node]
        }
    }

    /// The lengths of the texts that end where a node was reached, longest first.
    func forEachSecret(endingAt node: Int, _ body: (Int) -> Void) {
        var node = ends[node] ? node : shorter[node]
        while node != Self.root {
            body(depths[node])
            node = shorter[node]
        }
    }

    private mutating func add(_ text: [UInt8]) {
        var node = Self.root
        for byte in text {
            if let next = edges[node << 8 | Int(byte)] {
                node = next
                continue
            }
            let next = depths.count
            edges[node << 8 | Int(byte)] = next
            depths.append(depths[node] + 1)
            goesOn[node] = true
            goesOn.append(false)
            suffixes.append(Self.root)
            ends.append(false)
            shorter.append(Self.root)
            node = next
        }
        if node != Self.root { ends[node] = true }
    }

    private mutating func link() {
        // Nodes are visited by depth, so that the data of a node's suffix is complete.
        for (edge, node) in edges.sorted(by: { depths[$0.value] < depths[$1.value] }) where depths[node] > 1 {
            let suffix = next(suffixes[edge >> 8], UInt8(truncatingIfNeeded: edge))
            suffixes[node] = suffix
            shorter[node] = ends[suffix] ? suffix : shorter[suffix]
        }
    }
}
