import ResponseCache

/// The steps of one inference request: it is received and keyed, looked up, answered from the cache, or sent to the
/// model in the way that its use of the cache allows. A value; it knows neither the entry that was found nor the
/// client.
struct RequestState {
    enum Step: Hashable {
        /// The request has been read, and its key is known where it has one.
        case keyed
        /// The cache has been asked.
        case lookingUp
        /// It is answered from the cache.
        case answeringFromCache
        /// It waits for the answer of a flight that may be shared.
        case joining
        /// It waits for the answer of a call that is its own.
        case forwarding
        /// It was refused, because the client wants an answer from the cache or none.
        case refused
    }

    /// What follows where the cache has no answer.
    enum Miss {
        /// The client wants an answer from the cache or none.
        case refuse(CacheStatus)
        /// The request goes to the model.
        case send(Forwarding, CacheStatus)
    }

    /// How a request goes to the model.
    enum Forwarding: Hashable {
        /// It follows the flight of its key, or leads a new one that others may follow. The answer is stored.
        case join
        /// It follows the flight of its key if there is one, and is relayed otherwise. Its own answer is not stored,
        /// and what is not stored is not shared either.
        case follow
        /// It leads a flight that nobody can follow, since it asked for an answer of its own. The answer is stored.
        case leadAlone
        /// The answer is passed on as it arrives, and is not stored.
        case relay
    }

    private let use: CacheUse
    private let onlyIfCached: Bool
    private(set) var step = Step.keyed

    init(use: CacheUse, onlyIfCached: Bool) {
        self.use = use
        self.onlyIfCached = onlyIfCached
    }

    /// The configuration or the request itself keeps the cache out of it.
    mutating func bypass(_ reason: CacheStatus.Forward) -> Miss {
        let status = CacheStatus(.forwarded(reason))
        if onlyIfCached { return refuse(status) }
        step = .forwarding
        return .send(.relay, status)
    }

    mutating func lookUp() {
        step = .lookingUp
    }

    /// The cache has an answer.
    ///
    /// - Parameter wantsRefresh: whether the answer is past its time and is to be fetched anew.
    /// - Returns: whether to fetch it anew, once it has been served. A request whose answer must not be stored does not.
    mutating func find(wantsRefresh: Bool) -> Bool {
        step = .answeringFromCache
        return wantsRefresh && use.mayStore
    }

    /// The cache has no answer, or the answer that was found cannot be had in the form that is requested.
    mutating func miss(_ miss: CacheMiss) -> Miss {
        let status = miss.cacheStatus
        if onlyIfCached { return refuse(status) }
        let forwarding = forwarding
        step = forwarding == .relay ? .forwarding : .joining
        return .send(forwarding, status)
    }

    /// There is no flight to follow, or it ended at this moment.
    mutating func cannotJoin() {
        step = .forwarding
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
        step = .refused
        var status = status
        status.detail = status.detail ?? "only-if-cached"
        return .refuse(status)
    }
}
