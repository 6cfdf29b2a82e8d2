import Deadlines
import Dialects
import HTTPSyntax
import NIOCore
import NIOHTTP1

/// A client's connection. It reads requests one after another, has them answered, and writes the answers.
///
/// It is bound to its event loop for life, and adds no hop, no Task and no lock between a request and its answer. The
/// next request is not parsed while one is being answered, and no more of it is read from the network than one read
/// brings. Nothing is read while the client does not receive what was written.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The state of reading and writing on the channel.
    private struct Flow {
        /// The channel has requested a read that had to wait.
        var wantsRead = false
        /// The received bytes of a read are being parsed. Answers that are written meanwhile are flushed at the end of
        /// the read.
        var isReading = false
        /// Received requests are being started.
        var isPumping = false
        var isWritable = true
        /// The connection has, or had, a request while the gateway is stopping.
        var isBusy = false
    }

    let loop: ServerLoop
    /// What the listener is for that accepted the connection.
    let scope: ListenerScope
    private var context: ChannelHandlerContext?
    private var flow = Flow()
    private var state: ConnectionState
    private var watch: ConnectionWatch
    private var backlog: RequestBacklog
    /// The client's address, and whether the connection is within the limits.
    private var admission: (address: ClientAddress, verdict: ConnectionCounts.Verdict)?
    /// The request that is being received or answered.
    private var current = CurrentRequest()
    private var body: RequestBodyMemory
    private var output = ResponseOutput()
    /// The memory of written bytes that have not been sent, once there are more than a few.
    private var queuedMemory: Reservation

    init(loop: ServerLoop, scope: ListenerScope = .everything) {
        self.loop = loop
        self.scope = scope
        state = ConnectionState(bodyLimit: loop.limits.bodyBytes)
        watch = ConnectionWatch(ConnectionDeadlines(limits: loop.limits, opened: loop.now()))
        backlog = RequestBacklog(limits: loop.limits.reader, loop.routes, loop.memory)
        body = RequestBodyMemory(loop.memory)
        queuedMemory = Reservation(loop.memory)
    }

    /// The loop has other limits and routes, which are those of the requests that begin later.
    func adoptLimits() {
        state.bodyLimit = loop.limits.bodyBytes
        watch.rules.limits = loop.limits
        backlog.adopt(loop.limits.reader, loop.routes)
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
        case .admitted: check(by: watch.rules.first)
        // A refused connection gets its refusal at its first request, or soon without one.
        case .refused, .refusedAddress: check(by: loop.now() + loop.limits.lingerTimeout)
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
        current.exchange.take()?.clientGone()
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

    /// Nothing more is read while requests wait, or while the client does not read its answers. The client's system
    /// then stops sending.
    private var mayRead: Bool {
        switch state.stage {
        case .idle, .receiving, .passing, .discarding: flow.isWritable
        case .holding: false
        case .answering: flow.isWritable && backlog.count == 0
        case .lingering: true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flow.isWritable = context.channel.isWritable
        if flow.isWritable { queuedMemory.release() }
        current.exchange?.clientTakesMore(flow.isWritable)
        if flow.isWritable {
            goOn()
        } else {
            check(by: watch.rules.becameUnwritable(at: loop.now()))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    // MARK: Requests

    /// Starts the received requests, as long as they are wanted. It is a loop and not a recursion, because an answer
    /// that is complete at once leads here again.
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

    /// Resumes what had to wait: received requests first, then reading from the network.
    private func goOn() {
        guard !flow.isPumping else { return }
        if !backlog.isBetweenRequests {
            // Answers that are complete at once are sent together.
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

    /// Bytes that wait for their turn are counted as memory for the client. Where they are too many they are not read,
    /// and the connection ends after its answer.
    private func countBacklog() {
        guard !backlog.isAffordable() else { return }
        if state.wantsParts || state.isPassing { end(.outOfMemory) } else { state.endAfterAnswer() }
    }

    private func begin(_ head: RequestHead) {
        let id = head.fields.requestID.flatMap { RequestID(client: $0) } ?? loop.requestID()
        current.begin(head, loop.handler, id: id, sentBytesBefore: output.sentBytes, at: loop.now())
        if let tracing = loop.tracing { current.transaction.trace = tracing.begin(head) }
        if let rules = loop.crossOrigin { current.lines = rules.lines(for: head.fields.origin) }
        watch.rules.requestBegan()
        if loop.isStopping { noteBusy() }
        if admission?.verdict != .admitted, let refusal { return end(refusal) }
        let keepsAlive = head.keepsAlive && !loop.isStopping
        if scope != .everything, !scope.serves(head, loop.routes) {
            return refuse(head, .unknownPath(of: head, served: loop.routes.description(in: scope)), keepsAlive)
        }
        switch loop.handler.admit(head, at: scope) {
        case .success(let caller):
            current.transaction.caller = caller
            if let tenant = caller.tenant { noteLimits(of: tenant) }
            let length = head.fields.contentLength ?? 0
            let passesAfter = head.passesBodyAfter
            guard body.begin(length: min(length, passesAfter ?? length), isChunked: head.isChunked) else {
                return refuse(head, .outOfMemory, keepsAlive)
            }
            perform(
                state.admitted(
                    keepsAlive: keepsAlive,
                    expectsContinue: head.fields.expectsContinue,
                    bodyLength: length,
                    passesAfter: passesAfter
                )
            )
        case .failure(let error): refuse(head, error, keepsAlive)
        }
    }

    /// Has the answer say what is left of the limits of its client's key.
    private func noteLimits(of tenant: Tenant) {
        guard let fields = tenant.rateFields(at: loop.now().uptimeNanoseconds) else { return }
        current.statesLimits = true
        current.lines = (current.lines ?? []) + fields.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
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
        current.transaction.receivedBytes += bytes.readableBytes
        guard state.stage != .receiving || body.receive(bytes.readableBytes) else { return end(.outOfMemory) }
        perform(state.received(body: bytes))
    }

    /// The received bytes are not a request, or the request cannot be read to its end. It is answered, and the
    /// connection ends.
    private func end(_ error: APIError) {
        if state.wantsParts, !current.isOpen {
            current.begin(loop.handler, id: loop.requestID(), sentBytesBefore: output.sentBytes, at: loop.now())
        }
        perform(state.broken(error))
    }

    /// The only answer that a connection over a limit gets. It is nil where the connection is within the limits.
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
        case .dispatch(let bytes): dispatch(bytes, isWhole: true)
        case .dispatchBeginning(let bytes): dispatch(bytes, isWhole: false)
        case .pass(let bytes): current.exchange?.bodyArrived(bytes)
        case .endBody: current.exchange?.bodyEnded()
        case .giveUp(let error): giveUp(error)
        case .refuse(let error):
            answer(error)
        case .next:
            if !flow.isReading { watch.rules.becameQuiet(at: loop.now()) }
            goOn()
        case .linger:
            linger()
        }
    }

    private func dispatch(_ bytes: ByteBuffer, isWhole: Bool) {
        guard let request = current.incoming(bytes, isWhole: isWhole), let handler = current.handler else {
            return close()
        }
        body.handOver(bytes)
        handler.answer(request, on: self)
    }

    /// Reads no more of the body that is being passed on, or reads on.
    func holdBody(_ isHeld: Bool) {
        guard state.isPassing else { return }
        state.holdBody(isHeld)
        guard !isHeld else { return }
        check(by: watch.rules.bodyResumed(at: loop.now()))
        goOn()
    }

    /// Closes the sending side once everything has been written, and the connection when the client has closed it, or
    /// soon after the client has received everything.
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
            self.check(by: now + self.loop.limits.lingerTimeout)
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
        if current.isOpen { current.exchange = exchange }
    }

    /// The body of the request was decoded. Its memory is counted until the request ends.
    ///
    /// - Parameter taken: how many bytes were taken from the budget for it already.
    /// - Returns: false where there is no room for it.
    func replaceBody(by decoded: ByteBuffer, taken: Int) -> Bool {
        var former: ByteBuffer?
        let hasRoom = body.replace(by: decoded, taken: taken, former: &former)
        if let former { loop.resources.longWork.dispose(of: former, after: loop.eventLoop) }
        return hasRoom
    }

    /// Adds what is known of the request to its record.
    func note(_ body: (inout Transaction) -> Void) {
        if current.isOpen { body(&current.transaction) }
    }

    /// A piece of the answer's body is being written. Of an answer that is no stream, nothing is noted.
    func notePiece() {
        if current.transaction.isStream { current.transaction.notePiece(at: loop.now()) }
    }

    /// Whether the connection stays open after the answer, as the answer's head states.
    private var keepsAlive: Bool { state.keepsAlive && !loop.isStopping }

    /// Whether the request was HEAD, whose answer has no body.
    var isHead: Bool { current.isHead }

    var isHTTP10: Bool { current.isHTTP10 }

    /// The id of the request.
    var requestID: RequestID { current.transaction.id }

    /// The request's place in a trace. It is nil unless the trace is recorded.
    var trace: RequestTrace? { current.transaction.trace }

    /// The tenant with whose key the request came. It is nil where that is the master key or none.
    var tenant: Tenant? { current.transaction.caller.tenant }

    /// How errors are reported to this client.
    var errors: ErrorForm { loop.routes.errors(of: current.transaction.route) }

    /// Whether there is a request at present, and whether its answer is a stream of events.
    var underWay: (isOpen: Bool, isStream: Bool) {
        (current.isOpen, current.isOpen && current.transaction.isStream)
    }

    /// Whether the client currently accepts more bytes.
    var takesMore: Bool { flow.isWritable && context != nil }

    /// Begins the answer.
    ///
    /// - Parameter room: how many bytes of the body will be written after the head.
    /// - Returns: the head, which is to be sent before anything else.
    func begin(_ head: borrowing ResponseHead, room: Int = 0) -> ByteBuffer {
        // The rest of a body whose request is answered already is not read, and some answers end with the connection.
        if !keepsAlive || state.isPassing || head.framing == .untilClose { state.endAfterAnswer() }
        current.respond(head, at: loop.now())
        let persistence: ResponseWriter.Persistence = state.keepsAlive ? (isHTTP10 ? .stated : .implied) : .closes
        return loop.write(
            head,
            persistence,
            id: current.transaction.id,
            lines: current.lines,
            withoutLimits: current.statesLimits,
            room: room
        )
    }

    /// Sends bytes of the answer, which are written with the next flush.
    func send(_ bytes: ByteBuffer) {
        if let full = output.send(bytes) { context?.write(wrapOutboundOut(full), promise: nil) }
    }

    /// Writes small pieces of the answer after the bytes that were sent.
    ///
    /// - Parameter room: how many bytes the pieces have at most.
    func gather(room: Int, _ write: (inout ByteBuffer) -> Void) {
        if let full = output.gather(room: room, loop.allocator, write) {
            context?.write(wrapOutboundOut(full), promise: nil)
        }
    }

    /// Flushes what was sent. Within a read, that happens only once, at its end.
    func flush() {
        if !flow.isReading { flushIfNeeded() }
    }

    /// The answer is complete.
    func finish() {
        endRequest(.answered)
        flush()
        perform(state.answered())
    }

    /// The answer cannot be completed. The client must be able to see that it was cut off after the bytes that were
    /// sent.
    func cutOff() {
        endRequest(.cutOff)
        perform(state.cutOff())
    }

    /// Closes the record of a request. This is the only place that does, however the request ends.
    private func endRequest(_ how: Transaction.Ending) {
        if let large = body.end() { loop.resources.longWork.dispose(of: large, after: loop.eventLoop) }
        guard current.isOpen else { return }
        current.transaction.close(how, sentBytes: output.sentBytes, at: loop.now())
        if let tenant = current.transaction.caller.tenant { tenant.usage?.end() }
        current.tell(loop.observers)
        explainEnd { current.explanation }
        current.end()
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

    /// Bytes that the client does not accept are counted as memory for the client.
    private func countQueued() {
        guard let queued = try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        queuedMemory.resize(to: queued)
    }

    // MARK: The end

    /// The gateway is stopping. The connection ends once its current request is answered and the client has received
    /// the answer. A connection that has no request stays open, and its next request is its last.
    func stop() {
        state.endAfterAnswer()
        if state.stage != .idle || backlog.isInsideHead { noteBusy() }
    }

    /// Whether the connection has, or had, a request while the gateway is stopping.
    var isBusy: Bool { flow.isBusy }

    /// The gateway ends connections that have no request. This one is closed unless its client has bytes to receive, or a
    /// request is likely to be on its way, because the last one, or the connection, is recent, or a head has begun.
    func closeIfQuiet(at now: NIODeadline) {
        if state.stage == .idle, !backlog.isInsideHead, watch.rules.isQuiet(at: now), !hasOutput { close() }
    }

    /// Whether the client has not received all of what was sent. It costs a system call.
    private var hasOutput: Bool { context?.channel.output(sent: output.sentBytes).isPending ?? false }

    private func noteBusy() {
        guard !flow.isBusy else { return }
        flow.isBusy = true
        loop.becameBusy()
    }

    /// Ends the request now: with an error if its answer has not begun, and otherwise by cutting the answer off.
    func abandon() {
        switch state.stage {
        case .idle: if hasOutput { perform(state.stop()) } else { close() }
        case .receiving, .discarding: end(.stopping)
        case .passing, .holding, .answering: giveUp(.stopping)
        case .lingering: break
        }
    }

    /// Ends the request in progress with an error, or cuts off its answer if that has begun.
    private func giveUp(_ error: APIError) {
        let exchange = current.exchange
        if current.hasResponded {
            exchange?.cutOff(by: error)
            exchange?.clientGone()
            cutOff()
        } else {
            exchange?.clientGone()
            state.endAfterAnswer()
            answer(error)
        }
    }

    /// Closes the connection now, whatever has been written to it.
    func close() {
        context?.close(promise: nil)
    }

    // MARK: Deadlines

    /// Records when bytes were received, where they were not a whole number of requests.
    private func noteArrival() {
        let bytes = watch.takeArrived()
        switch state.stage {
        case .idle where backlog.isInsideHead: check(by: watch.rules.headArrived(at: loop.now()))
        case .idle: watch.rules.becameQuiet(at: loop.now())
        case .receiving, .passing, .discarding: check(by: watch.rules.bodyArrived(bytes, at: loop.now()))
        case .holding, .answering, .lingering: break
        }
    }

    private func check(by due: NIODeadline) {
        if context != nil { watch.check(by: due, at: self, loop.deadlines) }
    }

    private var stage: ConnectionDeadlines.Stage {
        switch state.stage {
        case .idle, .receiving, .passing, .discarding:
            if !flow.isWritable { return .answering }
            if state.stage != .idle { return .body }
            return backlog.isInsideHead ? .head : .idle
        case .holding, .answering: return .answering
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
            check(by: now + loop.limits.lingerTimeout)
            return end(refusal)
        }
        switch watch.rules.look(at: now, stage, channel.output(sent: output.sentBytes)) {
        case .wait(let until): check(by: max(until, now + Deadlines.precision))
        case .timeOut:
            check(by: now + loop.limits.lingerTimeout)
            end(.requestTimeout)
        case .close: close()
        case .drop: channel.closeDiscarding()
        }
    }
}
