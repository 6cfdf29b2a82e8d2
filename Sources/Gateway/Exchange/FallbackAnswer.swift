import ResponseCache

/// What was cached before, for a request that goes to the model by itself: it is served if the model fails. Bound to
/// the connection's event loop.
final class FallbackAnswer {
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

    /// - Returns: false, with nothing sent, where it cannot be had in the form that is wanted.
    func answer(_ connection: Connection, by worker: Worker) -> Bool {
        worker.answer(connection, from: kept, access, requested: requested)
    }
}
