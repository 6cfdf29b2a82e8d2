import NIOCore
import ResponseCache
import Upstream

/// An embedding request whose inputs can be told apart: looks them all up, asks upstream for what is missing, and puts both
/// together.
///
/// With nothing cached, the request and its answer pass unchanged. An answer that does not fit what was asked is passed
/// on where the request was whole; where only a part was asked for, the request goes upstream once more, whole.
///
/// Of many inputs a part at a time is looked up and stored, and large answers are taken apart and put together beside the event
/// loop, so that others have their turn in between.
final class EmbeddingExchange {
    private enum State {
        case looking(PendingBatchLookup)
        case asking(UpstreamCall)
        /// Something goes on later on this loop, or beside it.
        case working
        case over
    }

    /// Bytes of the largest answer that is held to be taken apart.
    private static let sizeLimit = 256 * 1024 * 1024
    /// Inputs that are looked up with one question to the backend.
    private static let lookupSlice = 256
    /// Inputs whose embeddings are handed to the backend at a time.
    private static let storeSlice = 64
    /// Bytes of an answer from which it is put together beside the loop.
    private static let largeAnswer = 1 << 20

    private let connection: Connection
    private let worker: Worker
    private let pass: CachePass
    private let group: ModelGroup
    private let upstream: UpstreamRequest
    private let request: Inquiry.Embeddings
    private var state: State = .over
    /// What was found so far, input by input.
    private var cached: [EmbeddingPart?] = []
    private var oldest: Int64 = 0
    /// What is left of the shortest life, in milliseconds.
    private var remaining: Int64?
    private var batch: EmbeddingBatch
    private var status = CacheStatus(.forwarded(.miss))
    private var head: UpstreamHead?
    private var body = ByteBuffer()
    /// For the answer that is collected, and the parts that were in the cache.
    private var memory: Reservation

    init(
        connection: Connection,
        pass: CachePass,
        group: ModelGroup,
        upstream: UpstreamRequest,
        request: Inquiry.Embeddings
    ) {
        self.connection = connection
        self.worker = connection.worker
        self.pass = pass
        self.group = group
        self.upstream = upstream
        self.request = request
        self.memory = Reservation(connection.worker.memory)
        self.batch = EmbeddingBatch(inputs: [], keys: [], cached: [])
    }

    func begin() {
        lookUp()
    }

    // MARK: Looking up

    /// Looks the next inputs up.
    private func lookUp() {
        let keys = Array(request.keys.dropFirst(cached.count).prefix(Self.lookupSlice))
        switch pass.cache.lookupMany(keys, use: pass.use, controls: pass.controls, at: worker.instant()) {
        case .done(let outcome):
            found(outcome)
        case .pending(let pending):
            state = .looking(pending)
            connection.attach(self)
            pending.whenDone { self.found($0) }
        }
    }

    private func found(_ outcome: BatchOutcome) {
        guard memory.grow(by: outcome.bodyBytes) else {
            outcome.release()
            return refuse(.outOfMemory)
        }
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
        guard cached.count >= request.keys.count else { return later { $0.lookUp() } }
        batch = EmbeddingBatch(inputs: request.inputs, keys: request.keys, cached: cached)
        cached = []
        decide()
    }

    private func decide() {
        if batch.isFullHit {
            let batch = batch
            return puttingTogether(batch.cachedBytes, { batch.answer() }) { exchange, answer in
                guard let answer else { return exchange.refuse(.notPutTogether) }
                exchange.status = .hit(remaining: exchange.remaining)
                exchange.reply(hit: answer, age: exchange.oldest)
            }
        }
        if pass.controls.onlyIfCached {
            status.detail = status.detail ?? "only-if-cached"
            return refuse(.onlyIfCached)
        }
        if batch.isFullMiss {
            ask(upstream)
        } else {
            var partial = upstream
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
        guard head.status == 200 else {
            // On a partial hit an error speaks of the inputs that were asked for, and is the client's to see.
            return reply(head, body)
        }
        guard body.readableBytes >= LongWork.largeBody else {
            return answered(head, Self.split(body, batch, with: worker.document))
        }
        let (body, batch) = (body, batch)
        beside({ Self.split(body, batch, with: JSONDocument()) }) { $0.answered(head, $1) }
    }

    private static func split(_ body: ByteBuffer, _ batch: EmbeddingBatch, with document: JSONDocument)
        -> EmbeddingAnswer?
    {
        do {
            try document.parse(body, nodeLimit: 1 << 20, skipsNumbers: true)
        } catch {
            return nil
        }
        defer { document.reset() }
        return batch.split(document, of: body)
    }

    private func answered(_ head: UpstreamHead, _ answer: EmbeddingAnswer?) {
        guard let answer else {
            // An answer that does not fit what was asked is asked for again, whole.
            guard !batch.isFullMiss else { return reply(head, body) }
            batch = EmbeddingBatch(
                inputs: request.inputs,
                keys: request.keys,
                cached: request.keys.map { _ in nil }
            )
            status.detail = nil
            return ask(upstream)
        }
        store(batch.answersToStore(answer)[...]) { $0.stored(head, answer) }
    }

    /// Hands the parts to the backend, so many at a time.
    private func store(
        _ answers: ArraySlice<(key: CacheKey, answer: CacheableAnswer)>,
        _ done: @escaping (EmbeddingExchange) -> Void
    ) {
        let part = answers.prefix(Self.storeSlice)
        let stored = pass.cache.storeMany(Array(part), use: pass.use, controls: pass.controls, at: worker.instant())
        if part.startIndex == 0 { status.isStored = !stored.isEmpty }
        if !stored.allSatisfy({ $0 == .handedOver }) { status.isStored = false }
        let rest = answers.dropFirst(Self.storeSlice)
        if rest.isEmpty { done(self) } else { later { $0.store(rest, done) } }
    }

    private func stored(_ head: UpstreamHead, _ answer: EmbeddingAnswer) {
        if batch.isFullMiss { return reply(head, body) }
        let batch = batch
        puttingTogether(batch.cachedBytes + body.readableBytes, { batch.answer(with: answer) }) { exchange, merged in
            guard let merged else { return exchange.refuse(.notPutTogether) }
            exchange.reply(head, merged)
        }
    }

    // MARK: Work that takes long

    /// Goes on when others on this loop have had their turn, if the client is still there.
    private func later(_ body: @escaping (EmbeddingExchange) -> Void) {
        state = .working
        connection.attach(self)
        worker.eventLoop.assumeIsolated().execute {
            if case .working = self.state { body(self) }
        }
    }

    /// Makes an answer of so many bytes.
    private func puttingTogether(
        _ bytes: Int,
        _ make: @escaping @Sendable () -> ByteBuffer?,
        done: @escaping @Sendable (EmbeddingExchange, ByteBuffer?) -> Void
    ) {
        guard bytes >= Self.largeAnswer else { return done(self, make()) }
        guard memory.grow(by: bytes) else { return refuse(.outOfMemory) }
        beside(make, done: done)
    }

    /// Computes beside the loop, and goes on if the client is still there.
    private func beside<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value,
        done: @escaping @Sendable (EmbeddingExchange, Value) -> Void
    ) {
        state = .working
        connection.attach(self)
        let exchange = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let isTaken = worker.service.longWork.submit(on: worker.eventLoop, work) { value in
            if case .working = exchange.value.state { done(exchange.value, value) }
        }
        if !isTaken { refuse(.tooMuchLongWork) }
    }
}

extension APIError {
    fileprivate static let notPutTogether = APIError.internalFailure(
        "The parts of the embeddings could not be put together."
    )
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
        case .working, .over: break
        }
        state = .over
        memory.release()
    }

    func clientTakesMore(_ takesMore: Bool) {}
}
