import ResponseCache

/// Decides what follows the look-up of one inference request: whether the answer that was found is refreshed, and how
/// the request goes to the model where there is none, as its use of the cache permits. It is a value that refers
/// neither to the entry that was found nor to the client.
struct RequestState {
    /// What follows where the cache has no answer.
    enum Miss {
        /// The client accepts only an answer from the cache.
        case refuse(CacheStatus)
        /// The request goes to the model.
        case send(Forwarding, CacheStatus)
    }

    /// How a request goes to the model.
    enum Forwarding: Hashable {
        /// The request follows the flight of its key, or leads a new one that others may follow. The answer is stored.
        case join
        /// The request follows the flight of its key if there is one, and is relayed otherwise. Its own answer is not
        /// stored, and what is not stored is not shared either.
        case follow
        /// The request leads a flight that no other request can follow, because it asked for its own answer. The answer
        /// is stored.
        case leadAlone
        /// The answer is passed on as it arrives, and is not stored.
        case relay
    }

    private let use: CacheUse
    private let onlyIfCached: Bool

    init(use: CacheUse, onlyIfCached: Bool) {
        self.use = use
        self.onlyIfCached = onlyIfCached
    }

    /// Bypasses the cache, as the configuration or the request itself demands.
    ///
    /// - Parameter detail: a token that says more about the reason.
    func bypass(_ reason: CacheStatus.Forward, _ detail: StaticString? = nil) -> Miss {
        let status = CacheStatus(.forwarded(reason), detail: detail)
        return onlyIfCached ? refuse(status) : .send(.relay, status)
    }

    /// Notes that the cache has an answer.
    ///
    /// - Parameter wantsRefresh: whether the answer is stale and is to be fetched again.
    /// - Returns: whether to fetch the answer again after it has been served. It is false for a request whose answer
    ///   must not be stored.
    func find(wantsRefresh: Bool) -> Bool {
        wantsRefresh && use.mayStore
    }

    /// Notes that the cache has no answer, or that the answer cannot be converted to the form that the client wants.
    func miss(_ miss: CacheMiss) -> Miss {
        let status = miss.cacheStatus
        return onlyIfCached ? refuse(status) : .send(forwarding, status)
    }

    private var forwarding: Forwarding {
        switch (use.mayRead, use.mayStore) {
        case (true, true): .join
        case (true, false): .follow
        case (false, true): .leadAlone
        case (false, false): .relay
        }
    }

    private func refuse(_ status: CacheStatus) -> Miss {
        var status = status
        status.detail = status.detail ?? "only-if-cached"
        return .refuse(status)
    }
}
