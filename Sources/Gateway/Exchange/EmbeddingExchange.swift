import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// An embedding request that can be split into its inputs. It carries out what `EmbeddingState` decides. It is bound to
/// the connection's event loop.
///
/// Many inputs are looked up and stored one slice at a time, and large answers are split and merged on another thread,
/// so that other requests on the event loop have their turn in between.
final class EmbeddingExchange {
    /// What the request waits for.
    private enum Waiting {
        case lookup(PendingBatchLookup)
        case call(UpstreamCall)
        /// A later turn of this event loop, or work on another thread.
        case work
        case nothing
    }

    /// The size of the largest answer that is held to be split, in bytes.
    private static let sizeLimit = 256 * 1024 * 1024
    /// The size of an answer, in bytes, from which it is assembled on another thread.
    private static let largeAnswer = 1 << 20

    private let connection: Connection
    private let worker: Worker
    private let pass: CachePass
    private let group: ModelGroup
    private let upstream: UpstreamRequest
    private let request: Inquiry.Embeddings
    private var state: EmbeddingState
    private var waiting = Waiting.nothing
    /// What is known of the call to the model.
    private var facts: CallFacts?
    /// The model's answer.
    private var head: UpstreamHead?
    private var body = ByteBuffer()
    /// Memory for the answer that is collected and for the parts that were in the cache.
    private var memory: Reservation

    init(
        worker: Worker,
        connection: Connection,
        pass: CachePass,
        group: ModelGroup,
        upstream: UpstreamRequest,
        request: Inquiry.Embeddings
    ) {
        self.connection = connection
        self.worker = worker
        self.pass = pass
        self.group = group
        self.upstream = upstream
        self.request = request
        state = EmbeddingState(request, onlyIfCached: pass.controls.onlyIfCached)
        memory = Reservation(worker.memory)
    }

    func begin() {
        perform(state.begin())
    }

    // MARK: Actions

    private func perform(_ action: EmbeddingState.Action) {
        switch action {
        case .lookUp(let inputs):
            if inputs.lowerBound == 0 { lookUp(inputs) } else { later { $0.lookUp(inputs) } }
        case .answerFromCache:
            let batch = state.batch
            putTogether(batch.cachedBytes, { batch.answer() }) { exchange, answer in
                guard let answer else { return exchange.refuse(.notPutTogether) }
                exchange.state.answeredFromCache()
                exchange.noteSaved(batch)
                exchange.reply(hit: answer)
            }
        case .refuse: refuse(.onlyIfCached)
        case .askWhole: ask(upstream)
        case .askPart:
            var part = upstream
            part.body.replace(request.inputRange, with: state.batch.upstreamInput)
            part.inputCount = state.batch.asked.count
            ask(part)
        case .takeApart: takeApart()
        case .store(let slice):
            if slice.lowerBound == 0 { store(slice) } else { later { $0.store(slice) } }
        case .merge(let answer):
            let batch = state.batch
            putTogether(batch.cachedBytes + body.readableBytes, { batch.answer(with: answer) }) { exchange, merged in
                guard let merged else { return exchange.refuse(.notPutTogether) }
                exchange.noteSaved(batch)
                exchange.reply(merged)
            }
        case .passOn: reply(body)
        }
    }

    private func lookUp(_ inputs: Range<Int>) {
        let keys = Array(request.keys[inputs])
        let now = worker.instant()
        connection.note { if $0.lookupBegan == nil { $0.lookupBegan = now.monotonic } }
        switch pass.cache.lookupMany(keys, use: pass.use, controls: pass.controls, at: now) {
        case .done(let outcome):
            found(outcome)
        case .pending(let pending):
            waiting = .lookup(pending)
            connection.attach(self)
            pending.whenDone { self.found($0) }
        }
    }

    private func found(_ outcome: BatchOutcome) {
        connection.note { $0.lookupEnded = worker.now() }
        guard memory.grow(by: outcome.bodyBytes) else {
            outcome.release()
            return refuse(.outOfMemory)
        }
        for outcome in outcome.outcomes {
            switch outcome {
            case .hit(let hit):
                worker.generation.outage.noteHit()
                state.noteHit(EmbeddingPart(hit), age: hit.ageSeconds, remaining: hit.remainingTimeToLive)
            case .miss(let miss):
                worker.generation.outage.note(miss)
                state.noteMiss(miss)
            case .stale: state.noteMiss(.expired)
            }
        }
        outcome.release()
        perform(state.lookedUp())
    }

    private func ask(_ upstream: UpstreamRequest) {
        connection.note { $0.asked = worker.now() }
        head = nil
        body = ByteBuffer()
        connection.attach(self)
        let fallbacks = worker.generation.fallbacks(of: group, for: connection.tenant)
        facts = worker.generation.facts(of: group, connection.tenant, tags: pass.controls.tags, at: worker.instant())
        waiting = .call(worker.upstream.send(upstream, to: group, fallbacks: fallbacks, receiver: self))
    }

    private func takeApart() {
        let batch = state.batch
        guard body.readableBytes >= LongWork.largeBody else {
            return perform(state.takenApart(Self.split(body, batch, with: worker.document), facts: facts))
        }
        let body = body
        onAnotherThread({ Self.split(body, batch, with: JSONDocument()) }) { exchange, answer in
            exchange.perform(exchange.state.takenApart(answer, facts: exchange.facts))
        }
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

    private func store(_ slice: Range<Int>) {
        let answers = Array(state.answersToStore[slice])
        let stored = pass.cache.storeMany(answers, use: pass.use, controls: pass.controls, at: worker.instant())
        let isStored = !stored.isEmpty && stored.allSatisfy { $0 == .handedOver }
        connection.note { $0.storing = isStored ? .handedOver : stored.first { $0 != .handedOver } }
        perform(state.stored(slice, isStored: isStored))
    }

    // MARK: Answering

    private func reply(hit answer: ByteBuffer) {
        connection.note { $0.find(age: state.age, nil) }
        finish(
            ResponseHead(
                200,
                .type("application/json"),
                framing: .length(answer.readableBytes),
                cacheStatus: state.status,
                origin: request.keys.first.map { ResponseHead.Origin(key: $0, age: state.age) }
            ),
            answer
        )
    }

    /// Notes the tokens of the parts that came from the cache.
    private func noteSaved(_ batch: EmbeddingBatch) {
        let tokens = batch.cachedTokens
        guard tokens > 0 else { return }
        connection.note { $0.saved = TokenUsage(input: tokens, output: 0) }
    }

    private func reply(_ answer: ByteBuffer) {
        guard let head else { return }
        var tail = AnswerTail()
        tail.take(body)
        if head.status == 200, let usage = tail.usage { connection.note { $0.usage = usage } }
        finish(
            ResponseHead(
                head.status,
                .fields(head.fields),
                framing: .length(answer.readableBytes),
                cacheStatus: state.status,
                producer: head.producer
            ),
            answer
        )
    }

    private func finish(_ head: borrowing ResponseHead, _ answer: ByteBuffer) {
        waiting = .nothing
        memory.release()
        connection.answer(head, answer)
    }

    private func refuse(_ error: APIError) {
        waiting = .nothing
        memory.release()
        connection.answer(error, status: state.status)
    }

    // MARK: Work that takes long

    /// Continues after other requests on this event loop have had their turn, if the client is still connected.
    private func later(_ body: @escaping (EmbeddingExchange) -> Void) {
        waiting = .work
        connection.attach(self)
        worker.eventLoop.assumeIsolated().execute {
            if case .work = self.waiting { body(self) }
        }
    }

    /// Assembles an answer of about the given size in bytes, on another thread where it is large.
    private func putTogether(
        _ bytes: Int,
        _ make: @escaping @Sendable () -> ByteBuffer?,
        done: @escaping @Sendable (EmbeddingExchange, ByteBuffer?) -> Void
    ) {
        guard bytes >= Self.largeAnswer else { return done(self, make()) }
        guard memory.grow(by: bytes) else { return refuse(.outOfMemory) }
        onAnotherThread(make, done: done)
    }

    /// Computes a value on another thread, and continues if the client is still connected.
    private func onAnotherThread<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value,
        done: @escaping @Sendable (EmbeddingExchange, Value) -> Void
    ) {
        waiting = .work
        connection.attach(self)
        let exchange = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let isTaken = worker.generation.resources.longWork.submit(on: worker.eventLoop, work) { value in
            if case .work = exchange.value.waiting { done(exchange.value, value) }
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
        guard case .call(let call) = waiting else { return }
        self.head?.producer = call.deployment?.producer
        connection.note { $0.producer = call.deployment?.producer }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard case .call(let call) = waiting else { return }
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
        perform(state.answered(status: head.status, isFromFallback: head.isFromFallback))
    }

    func upstreamFailed(_ error: UpstreamError) {
        refuse(APIError(error))
    }
}

extension EmbeddingExchange: Exchange {
    func clientGone() {
        switch waiting {
        case .lookup(let pending): pending.cancel()
        case .call(let call): call.cancel()
        case .work, .nothing: break
        }
        waiting = .nothing
        memory.release()
    }

    func clientTakesMore(_ takesMore: Bool) {}
}
