import Dialects
import ResponseCache

/// The steps of an embedding request whose inputs can be told apart: look all of them up, ask the model for those that
/// are missing, store what it answers, and put both together. A value.
///
/// With nothing cached, the request and its answer pass unchanged. An answer that does not fit what was asked is passed
/// on where the request was whole. Where only a part was asked for, the whole request is sent once more.
struct EmbeddingState {
    enum Action {
        /// Look these inputs up, note what each lookup gave, and call `lookedUp`. What is not the first slice waits
        /// until other requests on the loop have had their turn.
        case lookUp(Range<Int>)
        /// Every input was found: put the cached parts together, and call `answeredFromCache`.
        case answerFromCache
        /// The client wants an answer from the cache or none.
        case refuse
        /// Send the request to the model as it is.
        case askWhole
        /// Send the request to the model with only the inputs that are missing.
        case askPart
        /// Take the model's answer apart, and call `takenApart`.
        case takeApart
        /// Store these of `answersToStore`, and call `stored`. What is not the first slice waits until other requests
        /// on the loop have had their turn.
        case store(Range<Int>)
        /// Put the model's answer and the cached parts together.
        case merge(EmbeddingAnswer)
        /// Pass the model's answer on as it is.
        case passOn
    }

    /// How many inputs are looked up with one question to the backend.
    static let lookupSlice = 256
    /// The embeddings of how many inputs are handed to the backend at a time.
    static let storeSlice = 64

    private let request: Inquiry.Embeddings
    private let onlyIfCached: Bool
    /// What was found so far, input by input.
    private var cached: [EmbeddingPart?] = []
    /// The age of the oldest part that was found, in seconds.
    private(set) var age: Int64 = 0
    /// What is left of the shortest life of a part that was found, in milliseconds. It is nil where all are unlimited.
    private var remaining: Int64?
    private(set) var status = CacheStatus(.forwarded(.miss))
    /// The inputs with what was found. It is empty until all are looked up.
    private(set) var batch = EmbeddingBatch(inputs: [], keys: [], cached: [])
    private var answer: EmbeddingAnswer?
    private(set) var answersToStore: [(key: CacheKey, answer: CacheableAnswer)] = []

    init(_ request: Inquiry.Embeddings, onlyIfCached: Bool) {
        self.request = request
        self.onlyIfCached = onlyIfCached
    }

    // MARK: The cache

    func begin() -> Action { .lookUp(nextInputs) }

    private var nextInputs: Range<Int> {
        cached.count..<min(cached.count + Self.lookupSlice, max(cached.count, request.keys.count))
    }

    /// The next input was found.
    ///
    /// - Parameters:
    ///   - part: the part, or nil where the entry is none.
    ///   - age: its age in seconds.
    ///   - remaining: what is left of its life in milliseconds, or nil where that is unlimited.
    mutating func noteHit(_ part: EmbeddingPart?, age: Int64, remaining: Int64?) {
        cached.append(part)
        self.age = max(self.age, age)
        if let remaining { self.remaining = min(self.remaining ?? remaining, remaining) }
    }

    /// The next input was not found.
    mutating func noteMiss(_ miss: CacheMiss) {
        cached.append(nil)
        status = miss.cacheStatus
    }

    /// What was found of the inputs of one slice has been noted.
    mutating func lookedUp() -> Action {
        guard cached.count >= request.keys.count else { return .lookUp(nextInputs) }
        batch = EmbeddingBatch(inputs: request.inputs, keys: request.keys, cached: cached)
        cached = []
        if batch.isFullHit { return .answerFromCache }
        if onlyIfCached {
            status.detail = status.detail ?? "only-if-cached"
            return .refuse
        }
        if batch.isFullMiss { return .askWhole }
        status.detail = "partial-hit"
        return .askPart
    }

    /// The cached parts are put together.
    mutating func answeredFromCache() {
        status = .hit(remaining: remaining)
    }

    // MARK: The model

    /// The model's answer is complete. An error is the client's to see, even where it speaks of a part of the inputs
    /// only.
    func answered(status: Int) -> Action {
        status == 200 ? .takeApart : .passOn
    }

    /// - Parameter answer: the parts of the answer. It is nil where the answer does not fit what was asked.
    mutating func takenApart(_ answer: EmbeddingAnswer?) -> Action {
        guard let answer else {
            guard !batch.isFullMiss else { return .passOn }
            batch = EmbeddingBatch(inputs: request.inputs, keys: request.keys, cached: request.keys.map { _ in nil })
            status.detail = nil
            return .askWhole
        }
        self.answer = answer
        answersToStore = batch.answersToStore(answer)
        return .store(0..<min(Self.storeSlice, answersToStore.count))
    }

    /// A slice was handed to the cache.
    ///
    /// - Parameters:
    ///   - slice: the slice.
    ///   - isStored: whether the cache has taken all of it. It has not where the slice is empty.
    mutating func stored(_ slice: Range<Int>, isStored: Bool) -> Action {
        status.isStored = isStored && (slice.lowerBound == 0 || status.isStored)
        if slice.upperBound < answersToStore.count {
            return .store(slice.upperBound..<min(slice.upperBound + Self.storeSlice, answersToStore.count))
        }
        answersToStore = []
        guard !batch.isFullMiss, let answer else { return .passOn }
        return .merge(answer)
    }
}
