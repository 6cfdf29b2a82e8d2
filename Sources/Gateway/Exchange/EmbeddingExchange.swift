import NIOCore
import ResponseCache
import Upstream

/// An embedding request whose inputs can be told apart, before it is looked up.
struct EmbeddingRequest {
    let upstream: UpstreamRequest
    /// Where the value of `input` stands in the body.
    let inputRange: Range<Int>
    /// The text of each input.
    let inputs: [ByteBuffer]
    /// The key of each input.
    let keys: [CacheKey]
}

/// An embedding request: looks all its inputs up at once, asks upstream for what is missing, and puts both together.
///
/// With nothing cached, the request and its answer pass unchanged. An answer that does not fit what was asked is passed
/// on where the request was whole; where only a part was asked for, the request goes upstream once more, whole.
final class EmbeddingExchange {
    private enum State {
        case looking(PendingBatchLookup)
        case asking(UpstreamCall)
        case over
    }

    /// Bytes of the largest answer that is held to be taken apart.
    private static let sizeLimit = 256 * 1024 * 1024

    private let connection: Connection
    private let worker: Worker
    private let pass: CachePass
    private let group: ModelGroup
    private let request: EmbeddingRequest
    private var state: State = .over
    private var batch: EmbeddingBatch
    private var status = CacheStatus(.forwarded(.miss))
    private var head: UpstreamHead?
    private var body = ByteBuffer()
    /// For the answer that is collected, and the parts that were in the cache.
    private var memory: Reservation

    init(connection: Connection, pass: CachePass, group: ModelGroup, request: EmbeddingRequest) {
        self.connection = connection
        self.worker = connection.worker
        self.pass = pass
        self.group = group
        self.request = request
        self.memory = Reservation(connection.worker.memory)
        self.batch = EmbeddingBatch(inputs: [], keys: [], cached: [])
    }

    func begin() {
        switch pass.cache.lookupMany(request.keys, use: pass.use, controls: pass.controls, at: worker.instant()) {
        case .done(let outcome):
            found(outcome)
        case .pending(let pending):
            state = .looking(pending)
            connection.attach(self)
            pending.whenDone { self.found($0) }
        }
    }

    // MARK: Looking up

    private func found(_ outcome: BatchOutcome) {
        guard memory.grow(by: outcome.bodyBytes) else {
            outcome.release()
            return refuse(.outOfMemory)
        }
        var cached: [EmbeddingPart?] = []
        var oldest: Int64 = 0
        var remaining: Int64?
        for outcome in outcome.outcomes {
            switch outcome {
            case .hit(let hit):
                worker.service.outage.noteHit()
                cached.append(EmbeddingPart(hit))
                oldest = max(oldest, hit.ageSeconds)
                remaining = Self.shorter(remaining, hit.remainingTimeToLive)
            case .miss(let miss):
                cached.append(nil)
                status = miss.cacheStatus
                worker.service.outage.note(miss)
            case .stale:
                cached.append(nil)
                status = CacheMiss.expired.cacheStatus
            }
        }
        outcome.release()
        batch = EmbeddingBatch(inputs: request.inputs, keys: request.keys, cached: cached)
        if batch.isFullHit, let answer = batch.answer() {
            status = CacheStatus(.hit(timeToLive: remaining.map { $0 / 1_000 }))
            return reply(hit: answer, age: oldest)
        }
        if pass.controls.onlyIfCached {
            status.detail = status.detail ?? "only-if-cached"
            return refuse(.onlyIfCached)
        }
        if batch.isFullMiss {
            ask(request.upstream)
        } else {
            var partial = request.upstream
            partial.body.replace(request.inputRange, with: batch.upstreamInput)
            partial.inputCount = batch.asked.count
            status.detail = "partial-hit"
            ask(partial)
        }
    }

    /// The shorter of two remaining lives; nil is unlimited.
    private static func shorter(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private func ask(_ upstream: UpstreamRequest) {
        head = nil
        body = ByteBuffer()
        connection.attach(self)
        state = .asking(worker.upstream.send(upstream, to: group, receiver: self))
    }

    // MARK: Answering

    private func reply(hit answer: ByteBuffer, age: Int64) {
        let writer = connection.respond(200)
        writer.contentType("application/json")
        writer.contentLength(answer.readableBytes)
        writer.cacheStatus(status)
        writer.field("age", age)
        if let key = request.keys.first { writer.cacheKey(key) }
        writer.requestID(worker.requestID())
        finish(writer, answer)
    }

    private func reply(_ head: UpstreamHead, _ answer: ByteBuffer) {
        let writer = connection.respond(head.status)
        writer.fields(of: head)
        writer.cacheStatus(status)
        writer.contentLength(answer.readableBytes)
        finish(writer, answer)
    }

    private func finish(_ writer: ResponseWriter, _ answer: ByteBuffer) {
        state = .over
        memory.release()
        guard answer.readableBytes <= Connection.uncountedAnswer else {
            connection.send(writer.end())
            return connection.answer(answer)
        }
        var response = writer.end(room: answer.readableBytes)
        response.writeImmutableBuffer(answer)
        connection.answer(response)
    }

    private func refuse(_ error: APIError) {
        state = .over
        memory.release()
        connection.answer(error, status: status)
    }

    /// The upstream's answer is complete.
    private func answered(_ head: UpstreamHead) {
        guard head.status == 200, let answer = split() else {
            // On a partial hit an error speaks of the inputs that were asked for, and is the client's to see; an answer
            // that does not fit is asked for again, whole.
            guard head.status == 200, !batch.isFullMiss else { return reply(head, body) }
            batch = EmbeddingBatch(
                inputs: request.inputs,
                keys: request.keys,
                cached: request.keys.map { _ in nil }
            )
            status.detail = nil
            return ask(request.upstream)
        }
        let stored = pass.cache.storeMany(
            batch.answersToStore(answer),
            use: pass.use,
            controls: pass.controls,
            at: worker.instant()
        )
        status.isStored = !stored.isEmpty && stored.allSatisfy { $0 == .handedOver }
        if batch.isFullMiss {
            reply(head, body)
        } else if let merged = batch.answer(with: answer) {
            reply(head, merged)
        } else {
            refuse(.internalFailure("The parts of the embeddings could not be put together."))
        }
    }

    private func split() -> EmbeddingAnswer? {
        do {
            try worker.document.parse(body)
        } catch {
            return nil
        }
        defer { worker.document.reset() }
        return batch.split(worker.document, of: body)
    }
}

extension EmbeddingExchange: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        self.head = head
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard case .asking(let call) = state else { return }
        guard body.readableBytes + bytes.readableBytes <= Self.sizeLimit else {
            call.cancel()
            return refuse(.upstreamTooLarge(limit: Self.sizeLimit))
        }
        guard memory.grow(by: bytes.readableBytes) else {
            call.cancel()
            return refuse(.outOfMemory)
        }
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    func upstreamReadComplete() {}

    func upstreamEnd() {
        guard let head else { return }
        answered(head)
    }

    func upstreamFailed(_ error: UpstreamError) {
        refuse(APIError(error))
    }
}

extension EmbeddingExchange: Exchange {
    func clientGone() {
        switch state {
        case .looking(let pending): pending.cancel()
        case .asking(let call): call.cancel()
        case .over: break
        }
        state = .over
        memory.release()
    }

    func clientTakesMore(_ takesMore: Bool) {}
}
