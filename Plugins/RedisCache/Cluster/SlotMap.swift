/// Which node serves which slot, as the cluster last said (`CLUSTER SLOTS`).
struct SlotMap: Equatable {
    private static let nobody = UInt16.max
    /// More nodes than any cluster has: Redis recommends a thousand at most. Each costs two connections.
    static let mostNodes = 1_000

    private(set) var nodes: [Endpoint] = []
    private var places: [Endpoint: UInt16] = [:]
    private var owners = [UInt16](repeating: nobody, count: Slot.count)

    /// The node of a slot; nil: none is known.
    subscript(slot: Int) -> Endpoint? {
        guard owners.indices.contains(slot), owners[slot] != Self.nobody else { return nil }
        return nodes[Int(owners[slot])]
    }

    /// Notes that slots are served by a node.
    /// - Returns: whether there is room for the node.
    @discardableResult
    mutating func assign(_ slots: ClosedRange<Int>, to node: Endpoint) -> Bool {
        let slots = slots.clamped(to: 0...Slot.count - 1)
        let place: UInt16
        if let known = places[node] {
            place = known
        } else {
            guard nodes.count < Self.mostNodes else { return false }
            place = UInt16(nodes.count)
            nodes.append(node)
            places[node] = place
        }
        for slot in slots { owners[slot] = place }
        return true
    }

    /// Whether every slot has a node.
    var isComplete: Bool { !owners.contains(Self.nobody) }

    /// Reads a reply to `CLUSTER SLOTS`: `[[first, last, [host, port, ...], replicas...], ...]`.
    /// - Parameter asked: the host that an empty host name stands for.
    /// - Returns: nil if it is none: slots that are given away many times over, or more nodes than there can be.
    init?(_ reply: Reply, asked: Endpoint) {
        guard reply.kind == .array, reply.count > 0 else { return nil }
        var assigned = 0
        for range in reply.items {
            guard let first = range[0]?.integer, let last = range[1]?.integer, let master = range[2],
                first >= 0, last >= first, last < Slot.count, let port = master[1]?.integer,
                let node = Self.node(master[0], port, asked)
            else { return nil }
            assigned += Int(last - first) + 1
            guard assigned <= 2 * Slot.count, assign(Int(first)...Int(last), to: node) else { return nil }
        }
    }

    private static func node(_ host: Reply?, _ port: Int64, _ asked: Endpoint) -> Endpoint? {
        guard let host, !host.bytes.isEmpty, !host.says("?") else {
            return Endpoint(reported: (asked.hostName ?? "localhost").utf8, port: port)
        }
        return Endpoint(reported: host.bytes, port: port)
    }

    init() {}
}
