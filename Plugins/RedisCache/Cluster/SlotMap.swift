/// Which node serves which slot, as the cluster last said (`CLUSTER SLOTS`).
struct SlotMap: Equatable {
    private static let nobody = UInt16.max

    private(set) var nodes: [Endpoint] = []
    private var owners = [UInt16](repeating: nobody, count: Slot.count)

    /// The node of a slot; nil: none is known.
    subscript(slot: Int) -> Endpoint? {
        guard owners.indices.contains(slot), owners[slot] != Self.nobody else { return nil }
        return nodes[Int(owners[slot])]
    }

    /// Notes that a slot is served by a node.
    mutating func assign(_ slots: ClosedRange<Int>, to node: Endpoint) {
        let slots = slots.clamped(to: 0...Slot.count - 1)
        let index: Int
        if let known = nodes.firstIndex(of: node) {
            index = known
        } else {
            guard nodes.count < Int(Self.nobody) else { return }
            nodes.append(node)
            index = nodes.count - 1
        }
        for slot in slots { owners[slot] = UInt16(index) }
    }

    /// Whether every slot has a node.
    var isComplete: Bool { !owners.contains(Self.nobody) }

    /// Reads a reply to `CLUSTER SLOTS`: `[[first, last, [host, port, ...], replicas...], ...]`.
    /// - Parameter asked: the host that an empty host name stands for.
    /// - Returns: nil if it is none.
    init?(_ reply: Reply, asked: Endpoint) {
        guard reply.kind == .array, reply.count > 0 else { return nil }
        for range in reply.items {
            guard let first = range[0]?.integer, let last = range[1]?.integer, let master = range[2],
                first >= 0, last >= first, last < Slot.count,
                let port = master[1]?.integer.flatMap({ UInt16(exactly: $0) }), port > 0
            else { return nil }
            var host = master[0]?.text ?? ""
            if host.isEmpty || host == "?" { host = asked.hostName ?? "localhost" }
            assign(Int(first)...Int(last), to: .tcp(host: host, port: port))
        }
    }

    init() {}
}
