import Dialects
import NIOCore
import ResponseCache
import Upstream

/// A request that has its own call to the model, whose answer is not stored. It carries out what `RelayState` decides
/// and passes the answer on as it arrives. It is bound to the connection's event loop.
final class RelayExchange {
    private let worker: Worker
    private let connection: Connection
    private let status: CacheStatus?
    private let stale: StaleAnswer?
    private var state: RelayState
    private var call: UpstreamCall?
    /// What the answer has cost is at its end. It is nil where that is not to be expected.
    private var tail: AnswerTail?
    /// Notes where the object that the answer describes was made. It is nil where answers describe none.
    private var origin: OriginNote?
    /// What is to be done when the model's server has answered that it did what was asked. It is called once.
    private var whenSuccessful: (() -> Void)?

    /// - Parameters:
    ///   - endMarks: the texts of which one ends the last event of a stream.
    ///   - status: why the request goes to the model, for Cache-Status. It is nil where there is no cache.
    ///   - stale: the stale answer from the cache that is served if the model fails. Without it, the client gets the
    ///     error.
    init(
        worker: Worker,
        connection: Connection,
        endMarks: [StaticString],
        status: CacheStatus?,
        stale: StaleAnswer? = nil,
        origin: OriginNote? = nil,
        whenSuccessful: (() -> Void)? = nil
    ) {
        self.origin = origin
        self.whenSuccessful = whenSuccessful
        self.worker = worker
        self.connection = connection
        self.status = status
        self.stale = stale
        state = RelayState(
            isHTTP10: connection.isHTTP10,
            isHead: connection.isHead,
            hasStale: stale != nil,
            endMarks: endMarks
        )
    }

    /// Sends the request to the model.
    func begin(_ request: consuming UpstreamRequest, to group: ModelGroup) {
        connection.note { $0.asked = worker.now() }
        connection.attach(self)
        if request.passThrough?.rest != nil { connection.holdBody(true) }
        // What a provider keeps is not at another one.
        let fallbacks =
            request.passThrough == nil ? worker.generation.fallbacks(of: group, for: connection.tenant) : nil
        let call = worker.upstream.send(request, to: group, fallbacks: fallbacks, receiver: self)
        if !state.isOver { self.call = call }
    }

    private func perform(_ action: RelayState.Action, _ head: UpstreamHead? = nil) {
        switch action {
        case .none, .pass: break
        case .begin(let framing):
            guard let head else { return }
            let producer = call?.deployment?.producer
            connection.note { $0.producer = producer }
            if worker.generation.countsTokens, head.status == 200, head.isJSON || head.isEventStream {
                tail = AnswerTail()
            }
            connection.send(
                connection.begin(
                    ResponseHead(
                        head.status,
                        .fields(head.fields),
                        framing: framing,
                        cacheStatus: status,
                        producer: producer,
                        isEventStream: head.isEventStream
                    )
                )
            )
            if !connection.takesMore { call?.pauseReading() }
        case .finish(let framing):
            if let usage = tail?.usage { connection.note { $0.usage = usage } }
            connection.finish(framing: framing)
        case .answerStale(let otherwise):
            // The state is finished before the answer is sent, because sending it may start the client's next request.
            let (call, before) = (self.call, state)
            state.finish()
            guard stale?.answer(connection, by: worker) == true else {
                state = before
                return perform(otherwise, head)
            }
            call?.cancel()
            self.call = nil
        case .refuse(let error): connection.answer(APIError(error), status: status)
        case .cutOff(let error, let event):
            // Clients raise what such an event says. Every other client notices that the end is missing.
            if let event { connection.send(event: APIError(error), framing: event) }
            connection.cutOff()
        }
    }
}

extension RelayExchange: UpstreamReceiver {
    func upstreamTakesBody(_ takesBody: Bool) { connection.holdBody(!takesBody) }

    func upstreamHead(_ head: UpstreamHead) {
        if (200..<300).contains(head.status) { whenSuccessful?() } else { origin = nil }
        whenSuccessful = nil
        perform(state.take(head), head)
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard case .pass(let framing) = state.take(bytes) else { return }
        origin?.take(bytes, of: call?.deployment?.account)
        tail?.take(bytes)
        connection.send(body: bytes, framing: framing)
    }

    func upstreamReadComplete() {
        if state.isRelaying { connection.flush() }
    }

    func upstreamEnd() {
        call = nil
        perform(state.end())
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        perform(state.fail(error))
    }
}

extension RelayExchange: Exchange {
    func cutOff(by error: APIError) {
        if let framing = state.eventFraming { connection.send(event: error, framing: framing) }
    }

    func clientGone() {
        state.finish()
        call?.cancel()
        call = nil
    }

    func bodyArrived(_ bytes: ByteBuffer) { call?.send(body: bytes) }

    func bodyEnded() { call?.endBody() }

    func clientTakesMore(_ takesMore: Bool) {
        guard state.isRelaying else { return }
        if takesMore { call?.resumeReading() } else { call?.pauseReading() }
    }
}
