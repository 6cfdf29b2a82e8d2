import Deadlines
import JSON
import NIOCore
import ResponseCache
import Upstream

/// The part of a generation that belongs to one event loop. It is bound to that loop, and nothing in it is shared.
final class Worker {
    let generation: Generation
    let loop: LoopResources
    /// The cache. It is nil where caching is off.
    let cache: ResponseCache?
    /// The storage that the cache uses. It is nil where caching is off.
    let storage: PluginStorage?
    /// What is part of the cache keys of tenants.
    let tenantMaterials = TenantMaterials()
    /// The probe of the backend, which runs on only one of the event loops.
    private var probe: BackendProbe?
    /// The typical size and duration of the answers of each model group, by its position. All names that a pattern
    /// covers have one.
    private var typicalAnswers: [Int: TypicalAnswer] = [:]

    /// - Parameter previous: the worker of the generation before on the same loop. Where both have the same backend,
    ///   they have the same storage, since a backend has one for each loop.
    init(_ generation: Generation, on loop: LoopResources, after previous: Worker? = nil) throws {
        self.generation = generation
        self.loop = loop
        if let policy = generation.cachePolicy, let backend = generation.backend {
            let kept = previous?.generation.backend === backend ? previous?.storage : nil
            let storage = try kept ?? backend.storage(deadlines: loop.deadlines)
            let cache = ResponseCache(
                storage: storage,
                policy: policy,
                pendingStores: generation.pendingStores,
                purges: generation.purges,
                seal: generation.entryKeys.isEmpty ? nil : try EntrySeal(keys: generation.entryKeys)
            )
            cache.onStoreEnd = { [outage = generation.outage] in outage.noteStore($0) }
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

    func typical(of group: ModelGroup) -> TypicalAnswer { typicalAnswers[group.position] ?? TypicalAnswer() }

    /// Includes an answer that was whole in the typical values of its group.
    func noteAnswer(of group: ModelGroup, bytes: Int, milliseconds: Int64) {
        typicalAnswers[group.position, default: TypicalAnswer()].note(bytes: bytes, milliseconds: milliseconds)
    }

    // MARK: The backend

    /// Watches the backend from this event loop. It is called on only one event loop.
    func watchBackend() {
        guard probe == nil, let backend = generation.backend, let storage else { return }
        let probe = BackendProbe(port: storage.port, roundTrip: backend.roundTrip, deadlines: loop.deadlines)
        self.probe = probe
        probe.start()
    }

    /// Notes that no further requests begin with this generation on this event loop. Requests that have begun continue.
    func retire() {
        probe?.stop()
        probe = nil
    }
}
