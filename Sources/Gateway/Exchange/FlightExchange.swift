import Dialects
import NIOCore
import ResponseCache
import Upstream

/// A client that waits for the answer of a flight, whether its request began the flight or follows it. It carries out
/// what `DeliveryState` decides, at the pace at which the client reads. It is bound to the connection's event loop.
final class FlightExchange {
    private let worker: Worker
    private let connection: Connection
    private let forwarded: ForwardedRequest
    private var joined: (flight: Flight, id: Flight.ReaderID)?
    private var state: DeliveryState
    /// The stale answer from the cache, which is served if the model fails before anything of its answer was sent.
    private var stale: KeptAnswer?
    /// How the end of an answer that is passed on is marked.
    private var framing = BodyFraming.untilClose
    private var isReading = false

    /// - Parameter status: why the request was not answered from the cache.
    init(worker: Worker, connection: Connection, forwarded: ForwardedRequest, status: CacheStatus) {
        self.worker = worker
        self.connection = connection
        self.forwarded = forwarded
        state = DeliveryState(forwarded.requested, isFollower: false, hasStale: false, status: status)
    }

    /// Begins to read from a flight that was joined. What has arrived so far is sent at once.
    ///
    /// - Parameter stale: the stale answer that was found in the cache.
    func begin(_ flight: Flight, _ id: Flight.ReaderID, isFollower: Bool, stale: CacheHit?) {
        self.stale = stale.map { flight.keepStale($0, worker.memory) }
        state = DeliveryState(
            forwarded.requested,
            isFollower: isFollower,
            hasStale: stale != nil,
            status: state.status
        )
        joined = (flight, id)
        connection.note { $0.asked = worker.now() }
        connection.attach(self)
        readOn()
    }

    /// Reads on, because there may be more to read or because the client takes more.
    func readOn() {
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        while let (flight, id) = joined {
            let reading = flight.read(id, state.interest)
            if reading.ending != nil { note(reading.account) }
            guard perform(state.take(reading), reading) else { return }
        }
    }

    /// Notes what the call has cost. Only the request that it was made for has it stored.
    private func note(_ account: FlightAccount) {
        if !state.status.isCollapsed { connection.explain(account.explanation) }
        connection.note {
            $0.usage = account.usage
            if !state.status.isCollapsed { $0.storing = account.storing }
        }
    }

    private var call: ServedCall { forwarded.access.pass.call }
    private var stream: StreamForm? { call.answer.stream }

    // MARK: Actions

    /// - Returns: whether to read on at once.
    private func perform(_ action: DeliveryState.Action, _ reading: FlightState.Reading) -> Bool {
        switch action {
        case .wait: return false
        case .readOn: return true
        case .suspend:
            if let (flight, id) = joined { flight.suspend(id) }
        case .beginRelay(let head, let isEventStream):
            beginRelay(head, isEventStream: isEventStream)
            return true
        case .relay(let next): return relay(reading, next)
        case .answer(let head): answer(head, reading.pieces.joined)
        case .answerAsEvents(let head, let includesUsage):
            let body = reading.pieces.joined
            // Readers differ in whether they want the usage, so the events are made separately for each reader.
            if let events = stream?.events(body, includesUsage, worker.document) {
                answer(head, events, contentType: "text/event-stream", isEventStream: true)
            } else {
                answer(head, body)
            }
        case .answerAssembled(let head, let otherwise):
            let (stream, document) = (stream, worker.document)
            let body = joined?.flight.converted { stream.flatMap { reading.pieces.answer(as: $0, with: document) } }
            guard let body else {
                return perform(otherwise, reading)
            }
            answer(head, body, contentType: "application/json")
        case .explainFailure(let head):
            let failure = StreamFailure(of: reading.pieces, call.errors, with: worker.document)
            return perform(state.explain(head, failure), reading)
        case .answerFailure(let head, let failure):
            answer(head, failure.body, status: failure.status, contentType: "application/json")
        case .answerStale(let otherwise): return answerStale() ? false : perform(otherwise, reading)
        case .callAlone(let status): callAlone(status)
        case .refuse(let error): leave { [status = state.status] in $0.answer(error, status: status) }
        case .cutOff: leave { $0.cutOff() }
        }
        return false
    }

    private func beginRelay(_ head: UpstreamHead, isEventStream: Bool) {
        connection.note { $0.producer = head.producer }
        framing = BodyFraming.of(
            length: isEventStream ? nil : head.contentLength,
            isHTTP10: connection.isHTTP10
        )
        let content: ResponseHead.Content =
            isEventStream && !head.isEventStream
            ? .converted(head.fields, type: "text/event-stream") : .fields(head.fields)
        connection.send(
            connection.begin(
                ResponseHead(
                    head.status,
                    content,
                    framing: framing,
                    cacheStatus: state.status,
                    producer: head.producer,
                    isEventStream: isEventStream
                )
            )
        )
    }

    private func relay(_ reading: FlightState.Reading, _ next: DeliveryState.AfterPieces) -> Bool {
        for piece in reading.pieces where state.passesOn(piece.kind) {
            connection.send(body: piece.bytes, framing: framing)
        }
        switch next {
        case .flush(let hasMore):
            connection.flush()
            return perform(state.flushed(hasMore: hasMore, clientTakesMore: connection.takesMore), reading)
        case .finish: leave { [framing] in $0.finish(framing: framing) }
        case .cutOff(let error):
            leave { [framing, isEventStream = state.isRelayingEvents] connection in
                // The OpenAI clients raise what such an event says. Every other client notices that the end is missing.
                if isEventStream { connection.send(event: APIError(error), framing: framing) }
                connection.cutOff()
            }
        }
        return false
    }

    private func answer(
        _ head: UpstreamHead,
        _ body: ByteBuffer,
        status: Int? = nil,
        contentType: String? = nil,
        isEventStream: Bool = false
    ) {
        connection.note { $0.producer = head.producer }
        let answer = ResponseHead(
            status ?? head.status,
            contentType.map { .converted(head.fields, type: $0) } ?? .fields(head.fields),
            framing: .length(body.readableBytes),
            cacheStatus: state.status,
            producer: head.producer,
            isEventStream: isEventStream
        )
        leave { $0.answer(answer, body) }
    }

    /// - Returns: whether the stale answer was sent. It is false, and nothing was sent, where the answer cannot be
    ///   converted to the form that the client wants.
    private func answerStale() -> Bool {
        guard let stale, let (flight, id) = joined else { return false }
        self.stale = nil
        // The answer may close the connection, which must not leave the flight a second time.
        joined = nil
        guard worker.answer(connection, from: stale, forwarded.access, requested: forwarded.requested) else {
            joined = (flight, id)
            return false
        }
        state.finish()
        flight.leave(id)
        return true
    }

    /// Gives this client its own call, because the answer cannot be converted to the form that the client wants.
    private func callAlone(_ status: CacheStatus) {
        let stale = self.stale.map {
            StaleAnswer(
                $0,
                forwarded.access,
                requested: forwarded.requested,
                memory: worker.memory
            )
        }
        leave { [worker, forwarded] connection in
            RelayExchange(
                worker: worker,
                connection: connection,
                endMarks: forwarded.access.pass.call.endMarks,
                status: status,
                stale: stale
            )
            .begin(forwarded.request, to: forwarded.group)
        }
    }

    /// Leaves the flight. `body` then completes the answer, or hands the connection to another exchange.
    private func leave(_ body: (Connection) -> Void) {
        leave()
        body(connection)
    }

    private func leave() {
        state.finish()
        guard let (flight, id) = joined else { return }
        joined = nil
        flight.leave(id)
    }
}

extension FlightExchange: Exchange {
    func clientGone() {
        leave()
    }

    func cutOff(by error: APIError) {
        guard state.isRelayingEvents else { return }
        connection.send(event: error, framing: framing)
    }

    /// Reads on when the client takes more. A client that takes no more is noticed where its bytes are written.
    func clientTakesMore(_ takesMore: Bool) {
        guard takesMore, state.isRelaying else { return }
        readOn()
    }
}
