import Deadlines
import NIOCore
import NIOHTTP1
import ResponseCache

/// A client's connection: reads requests one after the other, has them answered, writes the answers.
///
/// Bound to its event loop for life. Between request and answer there is no hop, no Task and no lock. The next request is
/// neither read from the network nor parsed while one is being answered or while the client does not take what was written.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let worker: Worker
    private var state: ConnectionState
    private var deadlines: ConnectionDeadlines
    private var reader: RequestReader
    /// Whose connection it is, and whether it is within the limits.
    private var admission: (address: ClientAddress, verdict: ConnectionCounts.Verdict)?
    private var isRefused = false
    private var channel: (any Channel)?
    private var context: ChannelHandlerContext?

    /// The head of the request that is being received or answered.
    private var route: Route = .liveness
    private var method: HTTPMethod = .GET
    private var fields: RequestFields?
    private(set) var isHTTP10 = false

    private var exchange: (any Exchange)?
    /// For the body of the request that is being received or answered.
    private var bodyMemory: Reservation
    /// For what is written and has not left, once that is more than a little.
    private var queuedMemory: Reservation
    /// The body of the request that is being answered, where it is so large that its end is costly.
    private var largeBody: ByteBuffer?
    /// For what has arrived and waits for its turn.
    private var waitingMemory: Reservation
    /// The body's length is not known before its end: it is counted as it comes.
    private var countsBody = false
    /// Whether the head of the answer was written.
    private var hasResponded = false
    private var wantsRead = false
    private var isReading = false
    private var isPumping = false
    private var isWritable = true
    private var needsFlush = false
    /// What was sent since the last write.
    private var gathered: ByteBuffer?
    /// Bytes up to which pieces are put together.
    private static let gatherLimit = 8 * 1024
    /// Bytes up to which the budget is not asked before an answer is written: about what a channel queues for a client anyway.
    static let uncountedAnswer = 64 * 1024

    /// Bytes that arrived since the last time that was noted.
    private var arrivedBytes = 0
    private var watch: (token: Deadlines.Token, at: NIODeadline)?

    /// Bytes that may wait behind a request that is being answered. More than two readings of the network come only from a
    /// client that has ended its side of the connection, and to whom nothing can be answered.
    private static let waitingLimit = 1024 * 1024

    init(worker: Worker) {
        self.worker = worker
        self.bodyMemory = Reservation(worker.memory)
        self.queuedMemory = Reservation(worker.memory)
        self.waitingMemory = Reservation(worker.memory)
        self.state = ConnectionState(bodyLimit: worker.limits.bodyBytes)
        self.deadlines = ConnectionDeadlines(limits: worker.limits, opened: worker.now())
        self.reader = RequestReader(limits: worker.limits.reader)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.channel = context.channel
    }

    func channelActive(context: ChannelHandlerContext) {
        worker.opened(self)
        let address = ClientAddress(context.remoteAddress)
        let verdict = worker.service.connections.open(address, at: worker.now())
        admission = (address, verdict)
        switch verdict {
        case .admitted: look(by: deadlines.first)
        // It is told at its first request, or soon without one.
        case .refused, .refusedAddress:
            isRefused = true
            look(by: worker.now() + worker.limits.lingerTimeout)
        case .turnedAway: return close()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        worker.closed(self)
        if let (address, verdict) = admission { worker.service.connections.close(address, verdict) }
        admission = nil
        if let watch { worker.deadlines.disarm(watch.token) }
        watch = nil
        self.context = nil
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientGone()
        reader.drop()
        bodyMemory.release()
        queuedMemory.release()
        if largeBody != nil { disposeOfBody() }
        waitingMemory.release()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let bytes = unwrapInboundIn(data)
        switch state.phase {
        case .idle, .receiving, .discarding: break
        case .answering where state.keepsAlive: break
        // No further request is read on this connection.
        case .answering, .lingering: return
        }
        arrivedBytes &+= bytes.readableBytes
        reader.receive(bytes)
        pump()
        if reader.unreadBytes > 0 { countWaiting() }
    }

    /// What waits for its turn is held for the client. What is too much is not read: the connection ends behind its answer.
    private func countWaiting() {
        waitingMemory.release()
        let waiting = reader.unreadBytes
        guard waiting > Self.waitingLimit || !waitingMemory.grow(by: waiting) else { return }
        reader.drop()
        if state.wantsParts { return perform(state.broken(.outOfMemory)) }
        state.endAfterAnswer()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        noteArrival()
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead {
            context.read()
        } else {
            wantsRead = true
        }
    }

    /// While requests wait, or the client does not take its answers, nothing more is read: the client's system makes it wait.
    private var mayRead: Bool {
        switch state.phase {
        case .idle, .receiving, .discarding: isWritable
        case .answering: isWritable && reader.unreadBytes == 0
        case .lingering: true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { queuedMemory.release() }
        exchange?.clientTakesMore(isWritable)
        if isWritable {
            goOn()
        } else {
            look(by: deadlines.becameUnwritable(at: worker.now()))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    // MARK: Requests

    /// Reads the parts of requests that are there, as long as they are wanted. A loop, not a recursion: an answer that is
    /// complete at once leads here again.
    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while state.wantsParts, isWritable {
            switch reader.next() {
            case .head(let head): begin(head)
            case .body(let bytes): take(bytes)
            case .end: perform(state.receivedEnd())
            case .needsMore: return
            case .malformed(let error):
                perform(state.broken(.malformed(error, bodyLimit: worker.limits.bodyBytes)))
            }
        }
    }

    /// Takes up what had to wait: requests that came before their turn, then the network.
    private func goOn() {
        guard !isPumping else { return }
        if !reader.isBetweenRequests {
            // What is answered at once leaves together.
            let wasReading = isReading
            isReading = true
            pump()
            countWaiting()
            isReading = wasReading
            if !wasReading {
                noteArrival()
                flushIfNeeded()
            }
        }
        if wantsRead, mayRead {
            wantsRead = false
            context?.read()
        }
    }

    private func begin(_ head: RequestHead) {
        isHTTP10 = head.isHTTP10
        method = head.method
        fields = head.fields
        hasResponded = false
        deadlines.requestBegan()
        if worker.isStopping { noteBusy() }
        if isRefused, let refusal { return perform(state.broken(refusal)) }
        let keepsAlive = head.keepsAlive && !worker.isStopping
        switch worker.admission.admit(head) {
        case .success(let route):
            self.route = route
            countsBody = head.isChunked
            guard bodyMemory.grow(by: head.fields.contentLength ?? 0) else {
                return refuse(head, .outOfMemory, keepsAlive)
            }
            perform(
                state.admitted(
                    keepsAlive: keepsAlive,
                    expectsContinue: head.fields.expectsContinue,
                    bodyLength: head.fields.contentLength ?? 0
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

    private func take(_ bytes: ByteBuffer) {
        guard countsBody, state.phase == .receiving, !bodyMemory.grow(by: bytes.readableBytes) else {
            return perform(state.received(body: bytes))
        }
        bodyMemory.release()
        perform(state.broken(.outOfMemory))
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
        case .dispatch(let body):
            guard let fields else { return close() }
            self.fields = nil
            if body.readableBytes >= LongWork.costlyBody { largeBody = body }
            let request = IncomingRequest(method: method, route: route, fields: fields, body: body)
            worker.begin(request, on: self)
        case .refuse(let error):
            answer(error)
        case .next:
            if !isReading { deadlines.becameQuiet(at: worker.now()) }
            goOn()
        case .linger:
            linger()
        }
    }

    /// Closes the sending side once everything has been written, and the connection when the client has, or soon after it has
    /// taken everything.
    private func linger() {
        reader.drop()
        guard let context else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        needsFlush = false
        writeGathered()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            guard let context = self.context else { return }
            let now = self.worker.now()
            self.deadlines.flushed(at: now)
            self.look(by: now + self.worker.limits.lingerTimeout)
            context.close(mode: .output, promise: nil)
        }
        if wantsRead, self.context != nil {
            wantsRead = false
            context.read()
        }
    }

    // MARK: Answers

    /// Gives the request to an exchange that answers it later.
    func attach(_ exchange: any Exchange) {
        self.exchange = exchange
    }

    /// Whether the connection goes on after the answer: an answer's head says so.
    var keepsAlive: Bool { state.keepsAlive && !worker.isStopping }

    /// Whether the request was HEAD: its answer has no body.
    var isHead: Bool { method == .HEAD }

    /// Whether the client takes more bytes at present.
    var takesMore: Bool { channel?.isWritable ?? false }

    /// Starts a response: status line, date and what the connection itself has to say.
    ///
    /// The writer is the loop's own: the head is ended before anything else is answered.
    func respond(_ status: Int) -> ResponseWriter {
        hasResponded = true
        if !keepsAlive { state.endAfterAnswer() }
        let writer = worker.writer
        writer.begin(status, date: worker.date())
        if !state.keepsAlive {
            writer.lines("connection: close\r\n")
        } else if isHTTP10 {
            writer.lines("connection: keep-alive\r\n")
        }
        return writer
    }

    /// Writes bytes of the answer. They leave with the next flush.
    ///
    /// Small pieces are put into one buffer: a copy costs less than another element of a gathered write.
    func send(_ bytes: ByteBuffer) {
        needsFlush = true
        guard var gathered, gathered.readableBytes + bytes.readableBytes <= Self.gatherLimit else {
            writeGathered()
            gathered = bytes
            return
        }
        self.gathered = nil
        gathered.writeImmutableBuffer(bytes)
        self.gathered = gathered
    }

    /// Has small pieces written behind what was sent since the last write.
    ///
    /// - Parameter room: how many bytes they have at most.
    func gather(room: Int, _ write: (inout ByteBuffer) -> Void) {
        needsFlush = true
        if let gathered, gathered.readableBytes + room > Self.gatherLimit { writeGathered() }
        var bytes = gathered ?? worker.allocator.buffer(capacity: room)
        gathered = nil
        write(&bytes)
        gathered = bytes
    }

    private func writeGathered() {
        guard let bytes = gathered else { return }
        gathered = nil
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends what was written; within a read only once, at its end.
    func flush() {
        if isReading {
            needsFlush = true
        } else {
            flushIfNeeded()
        }
    }

    /// The answer is complete.
    func finish() {
        exchange = nil
        bodyMemory.release()
        if largeBody != nil { disposeOfBody() }
        flush()
        perform(state.answered())
    }

    private func disposeOfBody() {
        guard let body = largeBody.take() else { return }
        worker.service.longWork.dispose(of: body, after: worker.eventLoop)
    }

    /// A whole answer in one buffer.
    func answer(_ response: ByteBuffer) {
        send(response)
        finish()
    }

    /// The answer cannot be completed: the client must see that it was cut off, behind what was sent of it.
    func cutOff() {
        exchange = nil
        bodyMemory.release()
        perform(state.cutOff())
    }

    /// - Parameter status: what Cache-Status says; nil where the cache had no part in it.
    func answer(_ error: APIError, status: CacheStatus? = nil) {
        if error.isOverload { worker.service.tellRefusal(error) }
        let body = error.json
        let writer = respond(error.status)
        for (name, value) in error.headers { writer.field(name, value) }
        if let status { writer.cacheStatus(status) }
        writer.requestID(worker.requestID())
        writer.contentType("application/json")
        writer.contentLength(body.utf8.count)
        var response = writer.end(room: body.utf8.count)
        if !isHead { response.writeString(body) }
        answer(response)
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        if let bytes = gathered {
            gathered = nil
            context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } else {
            context?.flush()
        }
        if !isWritable { countQueued() }
    }

    /// What the client does not take is held for it.
    private func countQueued() {
        guard let queued = try? channel?.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        queuedMemory.resize(to: queued)
    }

    // MARK: Ends

    /// The gateway is stopping: ends the connection once its current request is answered and the answer is taken. One that has
    /// neither stays, and its next request is its last.
    func stop() {
        guard let channel else { return }
        guard state.phase == .idle, !reader.isInsideHead, !channel.output.isPending else {
            noteBusy()
            return perform(state.stop())
        }
        state.endAfterAnswer()
    }

    /// Whether the connection has a request or an answer to take, since the gateway is stopping.
    private(set) var isBusy = false

    private func noteBusy() {
        guard !isBusy else { return }
        isBusy = true
        worker.becameBusy()
    }

    /// Ends the request now: with an error where its answer has not begun, else by cutting that off.
    func abandon() {
        switch state.phase {
        case .idle: close()
        case .receiving, .discarding: perform(state.broken(.stopping))
        case .answering:
            let exchange = self.exchange
            if hasResponded {
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
        let bytes = arrivedBytes
        arrivedBytes = 0
        switch state.phase {
        case .idle where reader.isInsideHead: look(by: deadlines.headArrived(at: worker.now()))
        case .idle: deadlines.becameQuiet(at: worker.now())
        case .receiving, .discarding: look(by: deadlines.bodyArrived(bytes, at: worker.now()))
        case .answering, .lingering: break
        }
    }

    /// Looks at the connection by then. One deadline watches it: it is moved only when it has to be earlier, and set anew when
    /// it has passed, so that a usual request costs none.
    private func look(by due: NIODeadline) {
        if let watch {
            guard due < watch.at else { return }
            worker.deadlines.disarm(watch.token)
        }
        guard context != nil else { return }
        watch = (worker.deadlines.arm(at: due, for: self, reason: 0), due)
    }

    private var stage: ConnectionDeadlines.Stage {
        switch state.phase {
        case .idle, .receiving, .discarding:
            if !isWritable { return .answering }
            if state.phase != .idle { return .body }
            return reader.isInsideHead ? .head : .idle
        case .answering: return .answering
        case .lingering: return .lingering
        }
    }
}

extension Connection: Expiring {
    func deadlinePassed(reason: UInt32) {
        watch = nil
        guard let channel else { return }
        let now = NIODeadline.now()
        if state.wantsParts, let refusal {
            look(by: now + worker.limits.lingerTimeout)
            return perform(state.broken(refusal))
        }
        switch deadlines.look(at: now, stage, channel.output) {
        case .wait(let until): look(by: max(until, now + Deadlines.precision))
        case .timeOut:
            look(by: now + worker.limits.lingerTimeout)
            perform(state.broken(.requestTimeout))
        case .close: close()
        case .drop: channel.closeDiscarding()
        }
    }
}
