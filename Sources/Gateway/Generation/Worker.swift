import Deadlines
import JSON
import NIOCore
import ResponseCache
import Upstream

/// What one event loop has of a generation. Bound to its loop; nothing in it is shared.
final class Worker {
    let generation: Generation
    let loop: LoopResources
    /// It is nil where caching is off.
    let cache: ResponseCache?
    /// What is behind the cache.
    let storage: PluginStorage?
    /// On one of the loops.
    private var probe: BackendProbe?
    /// How long the answers of each model group typically are.
    private var typicalAnswers: [ObjectIdentifier: TypicalAnswer] = [:]

    init(_ generation: Generation, on loop: LoopResources) throws {
        self.generation = generation
        self.loop = loop
        if let policy = generation.cachePolicy, let backend = generation.backend {
            let storage = try backend.storage(deadlines: loop.deadlines)
            let cache = ResponseCache(
                storage: storage,
                policy: policy,
                pendingStores: generation.pendingStores,
                seal: generation.entryKeys.isEmpty ? nil : try EntrySeal(keys: generation.entryKeys)
            )
            cache.onStoreFailure = { [outage = generation.outage] in outage.note(storeFailure: $0) }
            self.cache = cache
            self.storage = storage
        } else {
            self.cache = nil
            self.storage = nil
        }
    }

    // MARK: What the loop has

    var eventLoop: any EventLoop { loop.eventLoop }
    var upstream: UpstreamClient { loop.upstream }
    var memory: MemoryAccount { loop.memory }
    var document: JSONDocument { loop.document }
    func now() -> NIODeadline { loop.now() }
    func instant() -> CacheInstant { loop.instant() }

    // MARK: Models

    func typical(of group: ModelGroup) -> TypicalAnswer { typicalAnswers[ObjectIdentifier(group)] ?? TypicalAnswer() }

    /// Takes note of an answer that was whole.
    func noteAnswer(of group: ModelGroup, bytes: Int, milliseconds: Int64) {
        typicalAnswers[ObjectIdentifier(group), default: TypicalAnswer()].note(bytes: bytes, milliseconds: milliseconds)
    }

    // MARK: The backend

    /// Watches the backend from this loop. Called on one loop only.
    func watchBackend() {
        guard probe == nil, let backend = generation.backend, let storage else { return }
        let probe = BackendProbe(port: storage.port, roundTrip: backend.roundTrip, deadlines: loop.deadlines)
        self.probe = probe
        probe.start()
    }

    /// No further requests begin with this generation on this loop. Those that have begun go on.
    func retire() {
        probe?.stop()
        probe = nil
    }
}
