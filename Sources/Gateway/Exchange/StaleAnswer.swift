import ResponseCache

/// The stale answer from the cache for a request that has its own call to the model. It is served if the model fails.
/// It is bound to the connection's event loop.
final class StaleAnswer {
    let kept: KeptAnswer
    private let access: CacheAccess
    private let requested: RequestedForm
    private var memory: Reservation

    init(_ kept: KeptAnswer, _ access: CacheAccess, requested: RequestedForm, memory: MemoryAccount) {
        self.kept = kept
        self.access = access
        self.requested = requested
        self.memory = Reservation(memory)
        self.memory.charge(kept.bodyLength)
    }

    /// - Returns: whether the answer was sent. It is false, and nothing was sent, where the answer cannot be converted
    ///   to the form that the client wants.
    func answer(_ connection: Connection, by worker: Worker) -> Bool {
        worker.answer(connection, from: kept, access, requested: requested)
    }
}
