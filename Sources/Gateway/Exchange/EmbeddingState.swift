import Dialects
import ResponseCache

/// The steps of an embedding request that can be split into its inputs: look up all inputs, ask the model for those
/// that are missing, store the model's answer, and merge it with the cached parts. It is a value.
///
/// Where nothing is cached, the request and its answer pass unchanged. An answer that does not match the request is
/// passed on where the request was whole. Where only a part of the inputs was sent, the whole request is sent after
/// all.
struct EmbeddingState {
    enum Action {
        /// Look these inputs up, note the result of each look-up, and call `lookedUp`. A slice that is not the first
        /// waits until other requests on the event loop have had their turn.
        case lookUp(Range<Int>)
        /// Every input was found. Assemble the cached parts, and call `answeredFromCache`.
        case answerFromCache
        /// Refuse the request, because the client accepts only an answer from the cache.
        case refuse
        /// Send the request to the model as it is.
        case askWhole
        /// Send the request to the model with only the inputs that are missing.
        case askPart
        /// Split the model's answer, and call `takenApart`.
        case takeApart
        /// Store this slice of `answersToStore`, and call `stored`. A slice that is not the first waits until other
        /// requests on the event loop have had their turn.
        case store(Range<Int>)
        /// Merge the model's answer with the cached parts.
        case merge(EmbeddingAnswer)
        /// Pass the model's answer on as it is.
        case passOn
    }

    /// The number of inputs that are looked up with one request to the backend.
    static let lookupSlice = 256
    /// The number of inputs whose embeddings are handed to the backend at a time.
    static let storeSlice = 64

    private let request: Inquiry.Embeddings
    private let onlyIfCached: Bool
    /// The parts that were found so far, one for each input.
    private var cached: [EmbeddingPart?] = []
    /// The age of the oldest part that was found, in seconds.
    private(set) var age: Int64 = 0
    /// The shortest remaining lifetime of the parts that were found, in milliseconds. It is nil where all lifetimes are
    /// unlimited.
    private var remaining: Int64?
    private(set) var status = CacheStatus(.forwarded(.miss))
    /// The inputs with the parts that were found. It is empty until all inputs have been looked up.
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

    /// Notes that the next input was found.
    ///
    /// - Parameters:
    ///   - part: the part. It is nil where the entry is not an embedding part.
    ///   - age: the age of the part, in seconds.
    ///   - remaining: the remaining lifetime of the part, in milliseconds. It is nil where the lifetime is unlimited.
    mutating func noteHit(_ part: EmbeddingPart?, age: Int64, remaining: Int64?) {
        cached.append(part)
        self.age = max(self.age, age)
        if let remaining { self.remaining = min(self.remaining ?? remaining, remaining) }
    }

    /// Notes that the next input was not found.
    mutating func noteMiss(_ miss: CacheMiss) {
        cached.append(nil)
        status = miss.cacheStatus
    }

    /// Continues after the look-ups of one slice have been noted.
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

    /// Notes that the cached parts have been assembled.
    mutating func answeredFromCache() {
        status = .hit(remaining: remaining)
    }

    // MARK: The model

    /// Continues after the model's answer is complete. An error is passed on to the client, even where the request had
    /// only a part of the inputs.
    ///
    /// Vectors of two models cannot be compared, so that an answer of another model is not merged with parts of this one:
    /// it has to be for all inputs.
    mutating func answered(status: Int, isFromFallback: Bool = false) -> Action {
        guard status == 200 else { return .passOn }
        guard isFromFallback else { return .takeApart }
        return batch.isFullMiss ? .passOn : askAgain()
    }

    /// Asks for all inputs, as if none had been found.
    private mutating func askAgain() -> Action {
        batch = EmbeddingBatch(inputs: request.inputs, keys: request.keys, cached: request.keys.map { _ in nil })
        status.detail = nil
        return .askWhole
    }

    /// - Parameters:
    ///   - answer: the parts of the answer. It is nil where the answer does not match the request.
    ///   - facts: what is known of the call that made it.
    mutating func takenApart(_ answer: EmbeddingAnswer?, facts: CallFacts? = nil) -> Action {
        guard let answer else {
            return batch.isFullMiss ? .passOn : askAgain()
        }
        self.answer = answer
        answersToStore = batch.answersToStore(answer, facts: facts)
        return .store(0..<min(Self.storeSlice, answersToStore.count))
    }

    /// Continues after a slice was handed to the cache.
    ///
    /// - Parameters:
    ///   - slice: the slice.
    ///   - isStored: whether the cache has accepted all of the slice. It is false where the slice is empty.
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
