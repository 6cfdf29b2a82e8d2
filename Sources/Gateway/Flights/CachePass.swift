import Dialects
import NIOCore
import ResponseCache

/// What one request may do with the cache, as decided once for the request.
struct CachePass {
    let cache: ResponseCache
    let call: ServedCall
    let use: CacheUse
    let controls: CacheControls

    /// Hands a complete answer to the backend, if it may be stored.
    ///
    /// - Parameters:
    ///   - facts: what is known of the call that made it.
    ///   - usage: the tokens that it has cost, where they are known.
    func store(
        _ body: ByteBuffer,
        status: Int,
        contentType: String,
        _ facts: CallFacts,
        _ usage: TokenUsage?,
        under key: CacheKey,
        at now: CacheInstant
    ) -> StoreDecision {
        store(
            CacheableAnswer(
                check: call.answer.check,
                status: status,
                contentType: contentType,
                longestLife: call.answer.longestLife.flatMap { $0([body]) },
                body: [body],
                facts: facts,
                usage: usage
            ),
            under: key,
            at: now
        )
    }

    /// Hands a stream that is whole to the backend, if it may be stored.
    ///
    /// - Parameters:
    ///   - facts: what is known of the call that made it.
    ///   - usage: the tokens that it has cost, where they are known.
    func store(
        _ recording: StreamRecording,
        contentType: String,
        _ facts: CallFacts,
        _ usage: TokenUsage?,
        under key: CacheKey,
        at now: CacheInstant
    ) -> StoreDecision {
        let answer = CacheableAnswer(
            form: .stream,
            check: nil,
            status: 200,
            contentType: contentType,
            longestLife: call.answer.longestLife.flatMap { $0(recording.body) },
            body: recording.body,
            facts: facts,
            usage: usage
        )
        return store(answer, under: key, at: now)
    }

    /// Stores what is known of an object that the answer describes, for as long as the answer.
    func store(_ origin: IssuedIDs.Origin, under key: CacheKey, at now: CacheInstant) {
        let body = [OriginRecord.body(origin)]
        let record = CacheableAnswer(
            check: nil,
            status: 200,
            contentType: "application/json",
            longestLife: call.answer.longestLife.flatMap { $0(body) },
            body: body,
            facts: CallFacts.none
        )
        _ = store(record, under: key, at: now)
    }

    private func store(_ answer: CacheableAnswer, under key: CacheKey, at now: CacheInstant) -> StoreDecision {
        cache.store(answer, under: key, use: use, controls: controls, at: now)
    }
}

/// The key of a request, and what the request may do with the entry under it.
struct CacheAccess {
    let pass: CachePass
    let key: CacheKey

    /// How many bytes of an answer are recorded at most. The entry is stored if it has no more with its header, and its
    /// seal where there is one.
    var sizeLimit: Int { pass.cache.policy.maxEntrySize }
}
