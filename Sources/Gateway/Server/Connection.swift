import Deadlines
import Dialects
import HTTPSyntax
import NIOCore
import NIOHTTP1

/// A client's connection: reads requests one after the other, has them answered, writes the answers.
///
/// Bound to its event loop for life. Between request and answer there is no hop, no Task and no lock. The next request is
/// neither read from the network nor parsed while one is being answered or while the client does not take what was written.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is under way on the channel.
    private struct Flow {
        /// The channel has asked for a reading that had to wait.
        var wantsRead = false
        /// A reading of the network is being taken apart: what is written meanwhile leaves at its end.
        var isReading = false
        /// Requests that have arrived are being begun.
        var isPumping = false
        var isWritable = true
        /// The gateway is stopping, and the connection has a request or an answer to take.
        var isBusy = false
    }

    let loop: ServerLoop
    private var context: ChannelHandlerContext?
    private var flow = Flow()
    private var state: ConnectionState
    private var watch: ConnectionWatch
    private var backlog: RequestBacklog
    /// Whose connection it is, and whether it is within the limits.
    private var admission: (address: ClientAddress, verdict: ConnectionCounts.Verdict)?
    /// The request that is being received or answered. It is nil between requests.
    private var current: CurrentRequest?
    private var body: RequestBodyMemory
    private var output = ResponseOutput()
    /// For what is written and has not left, once that is more than a little.
    private var queuedMemory: Reservation

    init(loop: ServerLoop) {
        self.loop = loop
        state = ConnectionState(bodyLimit: loop.limits.bodyBytes)
        watch = ConnectionWatch(ConnectionDeadlines(limits: loop.limits, opened: loop.now()))
        backlog = RequestBacklog(limits: loop.limits.reader, loop.resources.routes, loop.memory)
        body = RequestBodyMemory(loop.memory)
        queuedMemory = Reservation(loop.memory)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        loop.opened(self)
        let address = ClientAddress(context.remoteAddress)
        let verdict = loop.resources.connections.open(address, at: loop.now())
        admission = (address, verdict)
        switch verdict {
        case .admitted: look(by: watch.rules.first)
        // It is told at its first request, or soon without one.
        case .refused, .refusedAddress: look(by: loop.now() + loop.limits.lingerTimeout)
        case .turnedAway: return close()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        loop.closed(self)
        if let (address, verdict) = admission { loop.resources.connections.close(address, verdict) }
        admission = nil
        watch.end(loop.deadlines)
        self.context = nil
        current?.exchange.take()?.clientGone()
        endRequest(.clientGone)
        backlog.drop()
        queuedMemory.release()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        flow.isReading = true
        let bytes = unwrapInboundIn(data)
        guard state.readsOn else { return }
        watch.arrived(bytes.readableBytes)
        backlog.receive(bytes)
        pump()
        if backlog.count > 0 { countBacklog() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flow.isReading = false
        noteArrival()
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead {
            context.read()
        } else {
            flow.wantsRead = true
        }
    }

    /// While requests wait, or the client does not take its answers, nothing more is read: the client's system makes it wait.
    private var mayRead: Bool {
        switch state.phase {
        case .idle, .receiving, .discarding: flow.isWritable
        case .answering: flow.isWritable && backlog.count == 0
        case .lingering: true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flow.isWritable = context.channel.isWritable
        if flow.isWritable { queuedMemory.release() }
        current?.exchange?.clientTakesMore(flow.isWritable)
        if flow.isWritable {
            goOn()
        } else {
            look(by: watch.rules.becameUnwritable(at: loop.now()))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    // MARK: Requests

    /// Begins the requests that are there, as long as they are wanted. A loop, not a recursion: an answer that is complete at
    /// once leads here again.
    private func pump() {
        guard !flow.isPumping else { return }
        flow.isPumping = true
        defer { flow.isPumping = false }
        while state.wantsParts, flow.isWritable {
            switch backlog.next() {
            case .head(let head): begin(head)
            case .body(let bytes): receive(bytes)
            case .end: perform(state.receivedEnd())
            case .needsMore: return
            case .malformed(let error): end(.malformed(error, bodyLimit: loop.limits.bodyBytes))
            }
        }
    }

    /// Takes up what had to wait: requests that came before their turn, then the network.
    private func goOn() {
        guard !flow.isPumping else { return }
        if !backlog.isBetweenRequests {
            // What is answered at once leaves together.
            let wasReading = flow.isReading
            flow.isReading = true
            pump()
            countBacklog()
            flow.isReading = wasReading
            if !wasReading {
                noteArrival()
                flushIfNeeded()
            }
        }
        if flow.wantsRead, mayRead {
            flow.wantsRead = false
            context?.read()
        }
    }

    /// What waits for its turn is held for the client. What is too much is not read: the connection ends behind its answer.
    private func countBacklog() {
        guard !backlog.isAffordable() else { return }
        if state.wantsParts { end(.outOfMemory) } else { state.endAfterAnswer() }
    }

    /// - Parameter head: it is nil for bytes that are no request.
    private func beginRequest(_ head: RequestHead?) {
        let id = head?.fields.requestID.flatMap { RequestID(client: $0) } ?? loop.requestID()
        let transaction = Transaction(id: id, route: head?.route, sentBytesBefore: output.sentBytes, at: loop.now())
        current = CurrentRequest(head, loop.handler, transaction)
    }

    private func begin(_ head: RequestHead) {
        beginRequest(head)
        watch.rules.requestBegan()
        if loop.isStopping { noteBusy() }
        if let refusal { return end(refusal) }
        let keepsAlive = head.keepsAlive && !loop.isStopping
        switch loop.handler.admit(head) {
        case .success(let caller):
            current?.transaction.caller = caller
            let length = head.fields.contentLength ?? 0
            guard body.begin(length: length, isChunked: head.isChunked) else {
                return refuse(head, .outOfMemory, keepsAlive)
            }
            perform(
                state.admitted(
                    keepsAlive: keepsAlive,
                    expectsContinue: head.fields.expectsContinue,
                    bodyLength: length
                )
            )
        case .failure(let error): refuse(head, error, keepsAlive)
        }
    }

    private func refuse(_ head: RequestHead, _ error: APIError, _ keepsAlive: Bool) {
        perform(
            state.refused(
                error,
                keepsAlive: keepsAlive,
                contentLength: head.isChunked ? nil : head.fields.contentLength ?? 0,
                isWaiting: head.fields.expectsContinue
            )
        )
    }

    private func receive(_ bytes: ByteBuffer) {
        current?.transaction.receivedBytes += bytes.readableBytes
        guard state.phase != .receiving || body.receive(bytes.readableBytes) else { return end(.outOfMemory) }
        perform(state.received(body: bytes))
    }

    /// What comes is no request, or cannot be read to its end: it is answered, and the connection ends.
    private func end(_ error: APIError) {
        if state.wantsParts, current == nil { beginRequest(nil) }
        perform(state.broken(error))
    }

    /// Why a connection that is over a limit gets no answer but this.
    private var refusal: APIError? {
        switch admission?.verdict {
        case .refused: .tooManyConnections(perAddress: false)
        case .refusedAddress: .tooManyConnections(perAddress: true)
        case .admitted, .turnedAway, nil: nil
        }
    }

    private func perform(_ action: ConnectionState.Action) {
        switch action {
        case .none:
            break
        case .sendContinue:
            send(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            flush()
        case .dispatch(let bytes):
            guard let request = current?.incoming(bytes), let handler = current?.handler else { return close() }
            body.handOver(bytes)
            handler.answer(request, on: self)
        case .refuse(let error):
            answer(error)
        case .next:
            if !flow.isReading { watch.rules.becameQuiet(at: loop.now()) }
            goOn()
        case .linger:
            linger()
        }
    }

    /// Closes the sending side once everything has been written, and the connection when the client has, or soon after it has
    /// taken everything.
    private func linger() {
        backlog.drop()
        guard let context else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        if let bytes = output.flush() { context.write(wrapOutboundOut(bytes), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            guard let context = self.context else { return }
            let now = self.loop.now()
            self.watch.rules.flushed(at: now)
            self.look(by: now + self.loop.limits.lingerTimeout)
            context.close(mode: .output, promise: nil)
        }
        if flow.wantsRead, self.context != nil {
            flow.wantsRead = false
            context.read()
        }
    }

    // MARK: Answers

    /// Gives the request to an exchange that answers it later.
    func attach(_ exchange: any Exchange) {
        current?.exchange = exchange
    }

    /// Notes in the record of the request what is known of it.
    func note(_ body: (inout Transaction) -> Void) {
        current?.note(body)
    }

    /// Whether the connection goes on after the answer: an answer's head says so.
    private var keepsAlive: Bool { state.keepsAlive && !loop.isStopping }

    /// Whether the request was HEAD: its answer has no body.
    var isHead: Bool { current?.method == .HEAD }

    var isHTTP10: Bool { current?.isHTTP10 ?? false }

    /// How errors are reported to this client.
    var errors: ErrorForm { current?.transaction.route?.errors ?? OpenAI.errors }

    /// Whether the client takes more bytes at present.
    var takesMore: Bool { context?.channel.isWritable ?? false }

    /// Begins the answer.
    ///
    /// - Parameter room: bytes of the body that are to be written behind the head.
    /// - Returns: the head, which is to be sent before anything else.
    func begin(_ head: borrowing ResponseHead, room: Int = 0) -> ByteBuffer {
        if !keepsAlive { state.endAfterAnswer() }
        current?.respond(head, at: loop.now())
        let persistence: ResponseWriter.Persistence = state.keepsAlive ? (isHTTP10 ? .stated : .implied) : .closes
        return loop.write(head, persistence, id: current?.transaction.id ?? loop.requestID(), room: room)
    }

    /// Sends bytes of the answer. They leave with the next flush.
    func send(_ bytes: ByteBuffer) {
        if let full = output.send(bytes) { context?.write(wrapOutboundOut(full), promise: nil) }
    }

    /// Has small pieces of the answer written behind what was sent.
    ///
    /// - Parameter room: how many bytes they have at most.
    func gather(room: Int, _ write: (inout ByteBuffer) -> Void) {
        if let full = output.gather(room: room, loop.allocator, write) {
            context?.write(wrapOutboundOut(full), promise: nil)
        }
    }

    /// Sends what was written; within a read only once, at its end.
    func flush() {
        if !flow.isReading { flushIfNeeded() }
    }

    /// The answer is complete.
    func finish() {
        endRequest(.answered)
        flush()
        perform(state.answered())
    }

    /// The answer cannot be completed: the client must see that it was cut off, behind what was sent of it.
    func cutOff() {
        endRequest(.cutOff)
        perform(state.cutOff())
    }

    /// The one place where the record of a request is closed, however the request ends.
    private func endRequest(_ how: Transaction.Ending) {
        if let large = body.end() { loop.resources.longWork.dispose(of: large, after: loop.eventLoop) }
        guard var transaction = current.take()?.transaction else { return }
        transaction.close(how, sentBytes: output.sentBytes, at: loop.now())
        loop.observer?(transaction)
    }

    private func flushIfNeeded() {
        guard output.needsFlush else { return }
        if let bytes = output.flush() {
            context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } else {
            context?.flush()
        }
        if !flow.isWritable { countQueued() }
    }

    /// What the client does not take is held for it.
    private func countQueued() {
        guard let queued = try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        queuedMemory.resize(to: queued)
    }

    // MARK: Ends

    /// The gateway is stopping: ends the connection once its current request is answered and the answer is taken. One that has
    /// neither stays, and its next request is its last.
    func stop() {
        guard let channel = context?.channel else { return }
        guard state.phase == .idle, !backlog.isInsideHead, !channel.output.isPending else {
            noteBusy()
            return perform(state.stop())
        }
        state.endAfterAnswer()
    }

    /// Whether the connection has a request or an answer to take, since the gateway is stopping.
    var isBusy: Bool { flow.isBusy }

    private func noteBusy() {
        guard !flow.isBusy else { return }
        flow.isBusy = true
        loop.becameBusy()
    }

    /// Ends the request now: with an error where its answer has not begun, else by cutting that off.
    func abandon() {
        switch state.phase {
        case .idle: close()
        case .receiving, .discarding: end(.stopping)
        case .answering:
            let exchange = current?.exchange
            if current?.hasResponded == true {
                exchange?.cutOff(by: .stopping)
                exchange?.clientGone()
                cutOff()
            } else {
                exchange?.clientGone()
                state.endAfterAnswer()
                answer(.stopping)
            }
        case .lingering: break
        }
    }

    /// Closes the connection now, whatever was written to it.
    func close() {
        context?.close(promise: nil)
    }

    // MARK: Deadlines

    /// Notes when what arrived arrived, where it was not a whole number of requests.
    private func noteArrival() {
        let bytes = watch.takeArrived()
        switch state.phase {
        case .idle where backlog.isInsideHead: look(by: watch.rules.headArrived(at: loop.now()))
        case .idle: watch.rules.becameQuiet(at: loop.now())
        case .receiving, .discarding: look(by: watch.rules.bodyArrived(bytes, at: loop.now()))
        case .answering, .lingering: break
        }
    }

    private func look(by due: NIODeadline) {
        if context != nil { watch.look(by: due, at: self, loop.deadlines) }
    }

    private var stage: ConnectionDeadlines.Stage {
        switch state.phase {
        case .idle, .receiving, .discarding:
            if !flow.isWritable { return .answering }
            if state.phase != .idle { return .body }
            return backlog.isInsideHead ? .head : .idle
        case .answering: return .answering
        case .lingering: return .lingering
        }
    }
}

extension Connection: Expiring {
    func deadlinePassed(reason: UInt32) {
        watch.passed()
        guard let channel = context?.channel else { return }
        let now = NIODeadline.now()
        if state.wantsParts, let refusal {
            look(by: now + loop.limits.lingerTimeout)
            return end(refusal)
        }
        switch watch.rules.look(at: now, stage, channel.output) {
        case .wait(let until): look(by: max(until, now + Deadlines.precision))
        case .timeOut:
            look(by: now + loop.limits.lingerTimeout)
            end(.requestTimeout)
        case .close: close()
        case .drop: channel.closeDiscarding()
        }
    }
}
