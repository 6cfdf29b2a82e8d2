/// Which node serves which slot, according to the cluster's last answer (`CLUSTER SLOTS`).
struct SlotMap: Equatable {
    /// Marks a slot without a node.
    private static let nobody = UInt16.max
    /// The greatest number of nodes. Redis recommends a thousand at most. Each costs two connections.
    static let mostNodes = 1_000

    private(set) var nodes: [RedisEndpoint] = []
    /// The index of each node among `nodes`.
    private var places: [RedisEndpoint: UInt16] = [:]
    private var owners = [UInt16](repeating: nobody, count: Slot.count)

    /// The node of a slot. It is nil where none is known.
    subscript(slot: Int) -> RedisEndpoint? {
        guard owners.indices.contains(slot), owners[slot] != Self.nobody else { return nil }
        return nodes[Int(owners[slot])]
    }

    /// Records that slots are served by a node.
    /// - Returns: whether there is room for the node.
    @discardableResult
    mutating func assign(_ slots: ClosedRange<Int>, to node: RedisEndpoint) -> Bool {
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

    /// Reads a reply to `CLUSTER SLOTS`: `[[first, last, [host, port, ...], replicas...], ...]`. It is nil for any
    /// other reply, and for one that assigns slots many times over or names more nodes than there can be.
    /// - Parameter asked: the host that an empty host name stands for.
    init?(_ reply: Reply, asked: RedisEndpoint) {
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

    private static func node(_ host: Reply?, _ port: Int64, _ asked: RedisEndpoint) -> RedisEndpoint? {
        guard let host, !host.bytes.isEmpty, !host.says("?") else {
            return RedisEndpoint(reported: (asked.hostName ?? "localhost").utf8, port: port)
        }
        return RedisEndpoint(reported: host.bytes, port: port)
    }

    /// A map in which no slot has a node.
    init() {}
}
