import Dialects
import NIOCore
import ResponseCache
import Upstream

/// Calls the model for a flight. It carries out what `LeaderState` decides: it publishes what arrives, and stores an
/// answer that is whole.
///
/// It is bound to one event loop and does not depend on any client. It continues while a reader waits for the answer,
/// and also without readers where the configuration wants the cache to be filled. The call keeps it alive until the
/// call ends.
final class FlightLeader {
    private let worker: Worker
    private let flight: Flight
    private let forwarded: ForwardedRequest
    private var state: LeaderState
    private var call: UpstreamCall?
    /// Notes where the object that the answer describes was made. It is nil where answers describe none.
    private var origin: OriginNote?
    /// Memory for the request and for what is kept of the answer.
    private var memory: Reservation
    private let isRefresh: Bool
    /// The number of these bytes that belong to the request.
    private let requestBytes: Int

    /// - Parameter isRefresh: whether no reader waits for the answer, because it is fetched for the cache.
    init(worker: Worker, flight: Flight, forwarded: ForwardedRequest, isRefresh: Bool) {
        self.worker = worker
        self.flight = flight
        self.forwarded = forwarded
        self.isRefresh = isRefresh
        requestBytes = forwarded.request.body.sourceBytes
        memory = Reservation(worker.memory)
        if forwarded.access.pass.call.answer.describesKeptObject {
            origin = worker.originNote(
                model: forwarded.group.name,
                entry: forwarded.access.key,
                tenant: forwarded.tenant
            )
        }
        let conditions = LeaderState.Conditions(
            stream: forwarded.access.pass.call.answer.stream,
            sizeLimit: forwarded.access.sizeLimit,
            onDisconnect: worker.generation.onDisconnect,
            isRefresh: isRefresh,
            asksForStream: forwarded.request.isStream,
            asksForUsage: forwarded.request.includesUsage,
            began: worker.now(),
            needsType: forwarded.access.pass.call.answer.isOfAnyType,
            countsTokens: worker.generation.countsTokens
        )
        state = LeaderState(conditions, document: worker.document)
    }

    /// Calls the model.
    func begin() {
        memory.charge(requestBytes)
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        flight.lead(on: worker.eventLoop) { bound.value.receive($0) }
        // Nobody waits for a refresh, and an answer of another model would not be stored.
        let fallbacks = isRefresh ? nil : worker.generation.fallbacks(of: forwarded.group, for: forwarded.tenant)
        let call = worker.upstream.send(
            forwarded.request,
            to: forwarded.group,
            fallbacks: fallbacks,
            receiver: self
        )
        if !state.isOver { self.call = call }
    }

    private func receive(_ signal: LeaderSignal) {
        perform(state.receive(signal, typical: worker.typical(of: forwarded.group), at: worker.now()))
    }

    // MARK: Actions

    private func perform(_ action: LeaderState.Action) {
        switch action {
        case .none: break
        case .stopRecording:
            leaveTable()
            cancelIfEmpty()
        case .storeStream(let recording):
            let usage = state.usage
            let decision = forwarded.access.pass.store(
                recording,
                contentType: state.contentType,
                flight.facts,
                usage,
                under: forwarded.access.key,
                at: worker.instant()
            )
            stored(decision, usage)
        case .storeBody(let body):
            let usage = state.usage
            let decision = forwarded.access.pass.store(
                body,
                status: state.status,
                contentType: state.contentType,
                flight.facts,
                usage,
                under: forwarded.access.key,
                at: worker.instant()
            )
            stored(decision, usage)
        case .leaveTable: leaveTable()
        case .pauseCall: call?.pauseReading()
        case .resumeCall: call?.resumeReading()
        case .cancelIfEmpty: cancelIfEmpty()
        }
    }

    private func stored(_ decision: StoreDecision, _ usage: TokenUsage?) {
        if let (id, origin) = origin?.seen { note(origin, of: id) }
        worker.noteAnswer(
            of: forwarded.group,
            bytes: state.received,
            milliseconds: state.milliseconds(at: worker.now())
        )
        perform(state.stored(decision, usage))
    }

    /// Notes in the cache where the object was made that the answer describes, for other gateways and after a restart.
    private func note(_ origin: IssuedIDs.Origin, of object: [UInt8]) {
        // Whose it is has been noted when it was seen, for longer than the answer is kept.
        if let tenant = forwarded.tenant, !tenant.isShared { return }
        let namespace = worker.generation.namespace
        guard let key = try? worker.loop.keys.key(ofObject: object, namespace: namespace) else { return }
        forwarded.access.pass.store(origin, under: key, at: worker.instant())
    }

    private func leaveTable() {
        worker.generation.flights.remove(flight)
    }

    private func cancelIfEmpty() {
        guard flight.closeIfEmpty() else { return }
        state.cancel()
        leaveTable()
        call?.cancel()
        call = nil
        memory.release()
    }

    private func publish() {
        flight.publish(state.takeUpdate())
        guard state.isUnrecorded, !state.isOver else { return }
        memory.resize(to: requestBytes + flight.heldBytes + state.pendingBytes)
    }

    private func take(_ bytes: ByteBuffer) {
        guard !state.isOver else { return }
        let size = bytes.readableBytes
        perform(state.count(size))
        reserve(state.memory(for: size))
        guard !state.isOver else { return }
        var isUnderPressure = false
        if state.isUnrecorded {
            isUnderPressure = !worker.memory.hasRoom(for: size)
            memory.charge(size)
        }
        reserve(state.take(bytes, isUnderPressure: isUnderPressure, at: worker.now()))
        perform(state.settle())
    }

    /// Reserves memory for what is recorded.
    private func reserve(_ bytes: Int) {
        guard bytes > 0, !state.isUnrecorded, !memory.grow(by: bytes, for: .recording) else { return }
        perform(state.memoryRefused())
    }

    private func finish(_ error: UpstreamError?) {
        guard !state.isOver else { return }
        state.finish(error)
        call = nil
        leaveTable()
        publish()
        // Readers that have not read all of it hold the rest.
        memory.resize(to: flight.heldBytes)
        flight.takeOver(reserved: memory.handOver())
    }
}

extension FlightLeader: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        var head = head
        head.producer = call?.deployment?.producer
        perform(state.receive(head))
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !state.isOver, let (bytes, action) = state.recognize(bytes) else { return }
        perform(action)
        if state.status == 200 { origin?.take(bytes, of: call?.deployment?.account) }
        take(bytes)
    }

    func upstreamReadComplete() {
        if state.publishes { publish() }
    }

    func upstreamEnd() {
        if let (bytes, action) = state.recognizeRest() {
            perform(action)
            take(bytes)
        }
        perform(state.end(at: worker.now()))
        finish(nil)
    }

    func upstreamFailed(_ error: UpstreamError) {
        guard let action = state.fail(at: worker.now()) else { return finish(error) }
        perform(action)
        finish(nil)
    }
}
