import PluginKit

/// [I/O thread] Asks the nodes of a cluster, one after another until one answers, which node serves which slots. It
/// never has two queries in flight, and pauses between queries.
final class ClusterLayout {
    private static let pause: UInt64 = 200_000_000
    private static let pauseAfterFailure: UInt64 = 1_000_000_000

    private let instance: RedisInstance
    private let seeds: [RedisEndpoint]
    private let isServing: (RedisEndpoint) -> Bool
    private let answer: (Result<SlotMap, BackendFailure>) -> Void
    private var known: [RedisEndpoint] = []
    private var inquiry: ServerInquiry<SlotMap>?
    private var isPausing = false
    private var isWantedAgain = false
    private var isClosed = false
    /// Why no node answered the last query. It is nil where one did, and before the first outcome.
    private(set) var lastFailure: BackendFailure?

    /// - Parameters:
    ///   - isServing: whether a node currently answers. Such nodes are asked first, before those that hang.
    ///   - answer: called for each layout, and each time that no node gives one.
    init(
        _ instance: RedisInstance,
        _ seeds: [RedisEndpoint],
        isServing: @escaping (RedisEndpoint) -> Bool,
        answer: @escaping (Result<SlotMap, BackendFailure>) -> Void
    ) {
        self.instance = instance
        self.seeds = seeds
        self.isServing = isServing
        self.answer = answer
    }

    /// Queries the layout at once, or as soon as the pause after the last query is over.
    func refresh() {
        guard !isClosed else { return }
        guard inquiry == nil, !isPausing else {
            isWantedAgain = true
            return
        }
        isWantedAgain = false
        let inquiry = ServerInquiry<SlotMap>(instance, .data, ["CLUSTER", "SLOTS"]) { reply, node in
            if let map = SlotMap(reply, asked: node) { return .success(map) }
            return .failure(BackendFailure(.unavailable, "\(node) is no node of a cluster that serves slots"))
        } finish: { [weak self] outcome in
            self?.ended(outcome)
        }
        self.inquiry = inquiry
        let all = known.shuffled() + seeds.filter { !known.contains($0) }
        inquiry.start(
            all.filter(isServing) + all.filter { !isServing($0) },
            orElse: BackendFailure(.unavailable, "the cluster has no nodes")
        )
    }

    func close() {
        isClosed = true
        inquiry?.cancel(BackendFailure(.cancelled, "the cache is shutting down"))
        inquiry = nil
    }

    private func ended(_ outcome: Result<SlotMap, BackendFailure>) {
        inquiry = nil
        isPausing = true
        var pause = Self.pause
        switch outcome {
        case .success(let map):
            known = map.nodes
            lastFailure = nil
        case .failure(let failure):
            lastFailure = failure
            isWantedAgain = true
            pause = Self.pauseAfterFailure
        }
        instance.loop.alarms.set(at: instance.loop.now &+ pause) { [weak self] in
            guard let self else { return }
            isPausing = false
            if isWantedAgain { refresh() }
        }
        answer(outcome)
    }
}
