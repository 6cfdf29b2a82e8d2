import Deadlines
import NIOCore
import NIOHTTP1
import ResponseCache

/// A client's connection: reads requests one after the other, has them answered, writes the answers.
///
/// Bound to its event loop for life. Between request and answer there is no hop, no Task and no lock.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let worker: Worker
    private var state: ConnectionState
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
    /// The body's length is not known before its end: it is counted as it comes.
    private var countsBody = false
    /// The client does not take what is written.
    private var isClogged = false
    /// Parts of requests that came before their turn.
    private var held = CircularBuffer<RequestPart>(initialCapacity: 4)
    private var wantsRead = false
    private var isReading = false
    private var isReplaying = false
    private var needsFlush = false
    /// What was sent since the last write.
    private var gathered: ByteBuffer?
    /// Bytes up to which pieces are put together.
    private static let gatherLimit = 8 * 1024
    /// Bytes up to which the budget is not asked before an answer is written: about what a channel queues for a client anyway.
    static let uncountedAnswer = 64 * 1024

    private var watch: Deadlines.Token?
    private var lastActivity: NIODeadline = .uptimeNanoseconds(0)

    init(worker: Worker) {
        self.worker = worker
        self.bodyMemory = Reservation(worker.memory)
        self.queuedMemory = Reservation(worker.memory)
        self.state = ConnectionState(bodyLimit: worker.limits.bodyBytes)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.channel = context.channel
    }

    func channelActive(context: ChannelHandlerContext) {
        worker.opened(self)
        lastActivity = .now()
        watch = worker.deadlines.arm(after: worker.limits.headTimeout, for: self, reason: 0)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        worker.closed(self)
        if let watch { worker.deadlines.disarm(watch) }
        watch = nil
        self.context = nil
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientGone()
        held.removeAll()
        bodyMemory.release()
        queuedMemory.release()
        if largeBody != nil { disposeOfBody() }
        context.fireChannelInactive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        lastActivity = worker.now()
        flushIfNeeded()
    }

    /// Reading stops while whole requests wait for their turn, so that a client cannot fill the memory by pipelining.
    func read(context: ChannelHandlerContext) {
        if held.isEmpty {
            context.read()
        } else {
            wantsRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isClogged = !context.channel.isWritable
        if !isClogged { queuedMemory.release() }
        exchange?.clientTakesMore(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return close() }
        switch state.phase {
        case .idle, .receiving: break
        // Nonsense behind a request that is being answered: that answer is still owed.
        case .answering: return state.endAfterAnswer()
        case .discarding, .lingering: return close()
        }
        perform(state.refused(.malformed(error), keepsAlive: false, contentLength: nil, isWaiting: false))
        flushIfNeeded()
    }

    // MARK: Requests

    private func take(_ part: RequestPart) {
        switch part {
        case .head(let head):
            if state.phase == .idle {
                begin(head)
            } else if state.phase == .answering, state.keepsAlive {
                held.append(part)
            }
        case .body(let bytes):
            if countsBody, state.phase == .receiving, !bodyMemory.grow(by: bytes.readableBytes) {
                bodyMemory.release()
                perform(state.refusedBody(.outOfMemory))
            } else {
                perform(state.received(body: bytes), holding: part)
            }
        case .end:
            perform(state.receivedEnd(), holding: part)
        }
    }

    private func begin(_ head: RequestHead) {
        isHTTP10 = head.isHTTP10
        method = head.method
        fields = head.fields
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

    private func perform(_ action: ConnectionState.Action, holding part: RequestPart? = nil) {
        switch action {
        case .none:
            break
        case .hold:
            if let part { held.append(part) }
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
            lastActivity = worker.now()
            replay()
        case .linger:
            linger()
        }
    }

    /// Takes up what came before its turn. A loop, not a recursion: an answer that is complete at once leads here again.
    private func replay() {
        guard !isReplaying else { return }
        isReplaying = true
        while state.phase != .answering, let part = held.popFirst() { take(part) }
        isReplaying = false
        if held.isEmpty, wantsRead {
            wantsRead = false
            context?.read()
        }
    }

    /// Closes the sending side once everything has left, and the connection when the client has, or soon after.
    private func linger() {
        guard let context else { return }
        watchAgain(after: worker.limits.lingerTimeout)
        let sent = context.eventLoop.makePromise(of: Void.self)
        needsFlush = false
        writeGathered()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            self.context?.close(mode: .output, promise: nil)
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

    /// The answer cannot be completed: the client must see that it was cut off.
    func cutOff() {
        exchange = nil
        flushIfNeeded()
        close()
    }

    /// - Parameter status: what Cache-Status says; nil where the cache had no part in it.
    func answer(_ error: APIError, status: CacheStatus? = nil) {
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
        if isClogged { countQueued() }
    }

    /// What the client does not take is held for it.
    private func countQueued() {
        guard let queued = try? channel?.syncOptions?.getOption(.bufferedWritableBytes) else { return }
        queuedMemory.resize(to: queued)
    }

    // MARK: Ends

    /// Closes the connection at once if it is between requests, else after the answer.
    func stop() {
        state.endAfterAnswer()
        if state.phase == .idle { close() }
    }

    private func close() {
        context?.close(promise: nil)
    }

    private func watchAgain(after delay: TimeAmount) {
        if let watch { worker.deadlines.disarm(watch) }
        watch = worker.deadlines.arm(after: delay, for: self, reason: 0)
    }
}

extension Connection: RequestReceiver {
    func receive(_ part: RequestPart) {
        isReading = true
        if held.isEmpty {
            take(part)
        } else {
            held.append(part)
        }
    }
}

extension Connection: Expiring {
    /// One deadline watches the connection. It is moved on only when it passes, so that a request costs none.
    func deadlinePassed(reason: UInt32) {
        watch = nil
        let limits = worker.limits
        let allowed: TimeAmount
        switch state.phase {
        case .idle: allowed = limits.idleTimeout
        case .receiving, .discarding: allowed = limits.bodyIdleTimeout
        case .answering: allowed = limits.idleTimeout
        case .lingering: return close()
        }
        let due = lastActivity + allowed
        let now = NIODeadline.now()
        if due <= now, state.phase != .answering { return close() }
        watch = worker.deadlines.arm(at: max(due, now + .seconds(1)), for: self, reason: 0)
    }
}
