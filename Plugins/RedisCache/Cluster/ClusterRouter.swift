import PluginKit

/// [I/O thread] Sends each key to the node that serves its slot, and follows the cluster when slots move and masters
/// change.
final class ClusterRouter: Router, ClusterNodeOwner {
    private static let mostRedirections = 16
    private static let pause: UInt64 = 25_000_000

    private unowned let client: any RouterOwner
    private var map = SlotMap()
    private var nodes: [RedisEndpoint: ClusterNode] = [:]
    private lazy var layout = ClusterLayout(client.instance, seeds) { [weak self] node in
        self?.nodes[node]?.isServing ?? false
    } answer: { [weak self] result in
        self?.learned(result)
    }
    private let seeds: [RedisEndpoint]
    /// The actions to perform as soon as the cluster's layout is known, or cannot be learned.
    private var waiting: [(BackendFailure?) -> Void] = []

    init(_ client: any RouterOwner, _ seeds: [RedisEndpoint]) {
        self.client = client
        self.seeds = seeds
    }

    func start() { layout.refresh() }

    func close() {
        layout.close()
        let failure = BackendFailure(.cancelled, "the cache is shutting down")
        for node in nodes.values { node.close(failure) }
        nodes = [:]
        settle(failure)
    }

    // MARK: Operations

    func start(_ request: OperationRequest) {
        let parts: [OperationPart]
        switch request.operation {
        case .get where request.count > 1:
            var bySlot: [Int: [Int]] = [:]
            for index in 0..<request.count { bySlot[Slot.of(request.key(index)), default: []].append(index) }
            parts = bySlot.values.map { OperationPart(client, request, .some($0)) }
        default: parts = (0..<request.count).map { OperationPart(client, request, .one($0)) }
        }
        request.expect(parts: parts.count)
        for part in parts { whenLayoutIsKnown { [weak self] in self?.send(part, failure: $0) } }
    }

    func ping(_ request: OperationRequest) {
        everyServer { [client] result in
            switch result {
            case .failure(let failure): client.fail(request, failure)
            case .success(let connections):
                request.expect(parts: connections.count)
                for connection in connections { connection.send(OperationPart(client, request, .all(0))) }
            }
        }
    }

    func everyServer(_ body: @escaping (Result<[RedisConnection], BackendFailure>) -> Void) {
        whenLayoutIsKnown { [weak self] failure in
            guard let self, failure == nil else {
                return body(.failure(failure ?? BackendFailure(.cancelled, "the cache is shutting down")))
            }
            body(.success(map.nodes.compactMap { self.node($0)?.writes }))
        }
    }

    func serves(beside servers: [any MonitoredServer]) -> Bool {
        nodes.values.contains { node in node.isServing && !servers.contains { $0 === node } }
    }

    func gaveUp(_ request: OperationRequest) -> [any MonitoredServer] {
        nodes.values.filter { $0.gaveUp(request.id) }
    }

    func groups(_ keys: [Reply]) -> [[Reply]] {
        Array(Dictionary(grouping: keys) { Slot.of($0.bytes) }.values)
    }

    private func send(_ part: OperationPart, failure: BackendFailure?) {
        guard part.isWanted else { return }
        if let failure { return part.failed(failure) }
        let slot = Slot.of(part.key)
        guard let place = map[slot], let node = node(place) else {
            layout.refresh()
            return part.failed(BackendFailure(.unavailable, "no node of the cluster serves slot \(slot)"))
        }
        node.send(part)
    }

    private func whenLayoutIsKnown(_ body: @escaping (BackendFailure?) -> Void) {
        if !map.nodes.isEmpty { return body(nil) }
        if let failure = layout.lastFailure { return body(failure) }
        waiting.append(body)
    }

    private func settle(_ failure: BackendFailure?) {
        let ready = waiting
        waiting = []
        for body in ready { body(failure) }
    }

    // MARK: Errors

    func react(to error: ServerError, _ part: OperationPart, on connection: RedisConnection) -> Reaction {
        guard part.isWanted else { return .takenCareOf }
        part.redirections += 1
        switch error {
        case .moved(let slot, let place?):
            layout.refresh()
            guard part.redirections <= Self.mostRedirections, map.assign(slot...slot, to: place),
                let node = node(place)
            else { return .fail }
            node.send(part)
            return .takenCareOf
        case .ask(_, let place?):
            guard part.redirections <= Self.mostRedirections, let node = node(place) else { return .fail }
            node.send(part, isAsking: true)
            return .takenCareOf
        case .tryAgain:
            return retryOneByOne(part)
        case .moved, .ask, .clusterDown, .slotNotServed:
            layout.refresh()
            return .fail
        case .readOnly:
            layout.refresh()
            return .drop
        default: return .fail
        }
    }

    /// Sends each key alone where the slot of several keys is being moved, because the server answers a single key that
    /// was moved already with ASK.
    private func retryOneByOne(_ part: OperationPart) -> Reaction {
        guard part.redirections <= Self.mostRedirections else { return .fail }
        if part.items.count > 1 {
            part.request.expect(parts: part.items.count - 1)
            for place in 0..<part.items.count {
                let single = OperationPart(client, part.request, .one(part.items[place]))
                single.redirections = part.redirections
                send(single, failure: nil)
            }
        } else {
            let loop = client.instance.loop
            loop.alarms.set(at: loop.now &+ Self.pause) { [weak self] in self?.send(part, failure: nil) }
        }
        return .takenCareOf
    }

    // MARK: The layout

    private func learned(_ result: Result<SlotMap, BackendFailure>) {
        switch result {
        case .success(let map):
            self.map = map
            let present = Set(map.nodes)
            for (place, node) in nodes where !present.contains(place) {
                nodes[place] = nil
                node.close(BackendFailure(.unavailable, "\(place) serves no slots of the cluster any more"))
                client.isUp(place.description, "\(place) serves no slots of the cluster any more")
            }
            for place in map.nodes { node(place)?.want() }
            client.isUp("layout", "connected to \(map.nodes.map(\.description).joined(separator: ", "))")
            settle(nil)
        case .failure(let failure):
            client.isDown("layout", failure)
            settle(failure)
        }
    }

    /// The node at an endpoint. It is nil where more nodes are known already than any cluster has.
    private func node(_ place: RedisEndpoint) -> ClusterNode? {
        if let node = nodes[place] { return node }
        guard nodes.count < SlotMap.mostNodes else { return nil }
        let node = ClusterNode(client.instance, place, owner: self)
        nodes[place] = node
        return node
    }

    // MARK: The nodes

    func isUp(_ node: ClusterNode) {
        client.isUp(node.endpoint.description, "\(node.endpoint) answers again")
    }

    func isDown(_ node: ClusterNode, _ failure: BackendFailure) {
        client.isDown(node.endpoint.description, failure)
        // A replica may have become the master.
        layout.refresh()
    }
}
