import ResponseCache

/// What was cached before, for a request that goes to the model by itself: it is served if the model fails. Bound to the
/// connection's event loop.
final class FallbackAnswer {
    let kept: KeptAnswer
    private let key: CacheKey
    private let wish: AnswerWish
    private var memory: Reservation

    init(_ kept: KeptAnswer, key: CacheKey, wish: AnswerWish, memory: MemoryAccount) {
        self.kept = kept
        self.key = key
        self.wish = wish
        self.memory = Reservation(memory)
        self.memory.charge(kept.bodyLength)
    }

    /// - Returns: false, with nothing sent, where it cannot be had in the form that is wanted.
    func answer(_ connection: Connection) -> Bool {
        connection.answer(kept, key: key, wish: wish)
    }
}

extension Connection {
    /// Answers with what was cached before, since the model has failed.
    ///
    /// - Returns: false, with nothing sent, where it cannot be had in the form that is wanted.
    func answer(_ kept: KeptAnswer, key: CacheKey, wish: AnswerWish) -> Bool {
        answer(kept.hit(at: worker.instant()), key: key, wish: wish, insists: true) == nil
    }
}
