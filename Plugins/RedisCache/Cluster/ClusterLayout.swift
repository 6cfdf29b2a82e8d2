import PluginKit

/// Asks the nodes of a cluster, one after the other until one answers, which node serves which slots; never twice at a
/// time, and not again at once.
final class ClusterLayout: LinkOwner {
    private static let pause: UInt64 = 200_000_000
    private static let slowPause: UInt64 = 1_000_000_000

    private let loop: IOLoop
    private let seeds: [Endpoint]
    private let isServing: (Endpoint) -> Bool
    private let answer: (Result<SlotMap, BackendFailure>) -> Void
    private var known: [Endpoint] = []
    private var link: Link?
    private var asking: Endpoint?
    private var candidates: [Endpoint] = []
    private var isAtRest = false
    private var isWantedAgain = false
    private var isClosed = false
    /// Why nobody told; nil: somebody did, or it is still to be seen.
    private(set) var lastFailure: BackendFailure?

    /// - Parameters:
    ///   - isServing: whether a node answers at present; such ones are asked first, and those that hang not before them.
    ///   - answer: called for each layout, and each time that no node tells one.
    init(
        _ loop: IOLoop,
        _ seeds: [Endpoint],
        isServing: @escaping (Endpoint) -> Bool,
        answer: @escaping (Result<SlotMap, BackendFailure>) -> Void
    ) {
        self.loop = loop
        self.seeds = seeds
        self.isServing = isServing
        self.answer = answer
    }

    func refresh() {
        guard !isClosed else { return }
        guard link == nil, !isAtRest else {
            isWantedAgain = true
            return
        }
        isWantedAgain = false
        let all = known.shuffled() + seeds.filter { !known.contains($0) }
        // The next one to be asked is the last of the list.
        candidates = (all.filter(isServing) + all.filter { !isServing($0) }).reversed()
        askNext(BackendFailure(.unavailable, "the cluster has no nodes"))
    }

    func close() {
        isClosed = true
        link?.close(BackendFailure(.cancelled, "the cache is shutting down"))
        link = nil
    }

    private func askNext(_ failure: BackendFailure) {
        link?.close(failure)
        link = nil
        guard !candidates.isEmpty else { return ended(.failure(failure)) }
        let node = candidates.removeLast()
        asking = node
        let link = Link(loop, .data, owner: self)
        self.link = link
        link.send(
            Query(["CLUSTER", "SLOTS"]) { [weak self] result in
                guard let self, self.link === link else { return }
                switch result {
                case .failure(let failure): self.askNext(failure)
                case .success(let reply):
                    guard let map = SlotMap(reply, asked: node) else {
                        let reason = "\(node) is no node of a cluster that serves slots"
                        return self.askNext(BackendFailure(.unavailable, reason))
                    }
                    self.ended(.success(map))
                }
            }
        )
    }

    private func ended(_ result: Result<SlotMap, BackendFailure>) {
        let link = link
        self.link = nil
        // Not from within the connection's own call.
        loop.alarms.set(at: loop.now) { link?.close(BackendFailure(.cancelled, "the layout is known")) }
        isAtRest = true
        var pause = Self.pause
        switch result {
        case .success(let map):
            known = map.nodes
            lastFailure = nil
        case .failure(let failure):
            lastFailure = failure
            isWantedAgain = true
            pause = Self.slowPause
        }
        loop.alarms.set(at: loop.now &+ pause) { [weak self] in
            guard let self else { return }
            self.isAtRest = false
            if self.isWantedAgain { self.refresh() }
        }
        answer(result)
    }

    // MARK: The connection

    func locate(_ link: Link, attempt: UInt64) {
        if let asking { link.located(.success(asking), attempt: attempt) }
    }

    func isReady(_ link: Link) {}

    func isLost(_ link: Link, _ failure: BackendFailure) {}
}
