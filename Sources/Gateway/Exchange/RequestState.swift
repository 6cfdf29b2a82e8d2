import ResponseCache

/// The steps of one inference request: it is received and keyed, looked up, answered from the cache, or sent to the
/// model as its use of the cache permits. It is a value that refers neither to the entry that was found nor to the
/// client.
struct RequestState {
    enum Stage: Hashable {
        /// The request has been read, and its key is known where it has one.
        case keyed
        /// The cache has been asked.
        case lookingUp
        /// The request is answered from the cache.
        case answeringFromCache
        /// The request waits for the answer of a flight that may be shared.
        case joining
        /// The request waits for the answer of its own call.
        case forwarding
        /// The request was refused, because the client accepts only an answer from the cache.
        case refused
    }

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
    private(set) var stage = Stage.keyed

    init(use: CacheUse, onlyIfCached: Bool) {
        self.use = use
        self.onlyIfCached = onlyIfCached
    }

    /// Bypasses the cache, as the configuration or the request itself demands.
    mutating func bypass(_ reason: CacheStatus.Forward) -> Miss {
        let status = CacheStatus(.forwarded(reason))
        if onlyIfCached { return refuse(status) }
        stage = .forwarding
        return .send(.relay, status)
    }

    mutating func lookUp() {
        stage = .lookingUp
    }

    /// Notes that the cache has an answer.
    ///
    /// - Parameter wantsRefresh: whether the answer is stale and is to be fetched again.
    /// - Returns: whether to fetch the answer again after it has been served. It is false for a request whose answer
    ///   must not be stored.
    mutating func find(wantsRefresh: Bool) -> Bool {
        stage = .answeringFromCache
        return wantsRefresh && use.mayStore
    }

    /// Notes that the cache has no answer, or that the answer cannot be converted to the form that the client wants.
    mutating func miss(_ miss: CacheMiss) -> Miss {
        let status = miss.cacheStatus
        if onlyIfCached { return refuse(status) }
        let forwarding = forwarding
        stage = forwarding == .relay ? .forwarding : .joining
        return .send(forwarding, status)
    }

    /// Notes that there is no flight to follow, or that it has just ended.
    mutating func cannotJoin() {
        stage = .forwarding
    }

    private var forwarding: Forwarding {
        switch (use.mayRead, use.mayStore) {
        case (true, true): .join
        case (true, false): .follow
        case (false, true): .leadAlone
        case (false, false): .relay
        }
    }

    private mutating func refuse(_ status: CacheStatus) -> Miss {
        stage = .refused
        var status = status
        status.detail = status.detail ?? "only-if-cached"
        return .refuse(status)
    }
}
