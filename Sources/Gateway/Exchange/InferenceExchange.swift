import NIOCore
import ResponseCache
import Upstream

/// A request that has a call of its own, whose answer is not stored: the answer is relayed as it arrives.
///
/// Bound to the connection's event loop.
final class InferenceExchange {
    private enum State {
        /// The head of the answer has not arrived.
        case waiting
        /// The head was sent, and bytes are passed on as they arrive.
        case streaming(BodyFraming, isEventStream: Bool)
        case over
    }

    private let connection: Connection
    private let worker: Worker
    private let status: CacheStatus?
    private let fallback: FallbackAnswer?
    private var state = State.waiting
    private var call: UpstreamCall?
    /// The last bytes of an event stream.
    private var tail = StreamTail()

    /// - Parameters:
    ///   - status: why the request went upstream, for Cache-Status. It is nil where there is no cache.
    ///   - fallback: served if the model fails. Without one the client gets the error.
    init(connection: Connection, status: CacheStatus?, fallback: FallbackAnswer? = nil) {
        self.connection = connection
        self.worker = connection.worker
        self.status = status
        self.fallback = fallback
    }

    /// Sends the request upstream.
    func begin(_ request: UpstreamRequest, to group: ModelGroup) {
        connection.attach(self)
        let call = worker.upstream.send(request, to: group, receiver: self)
        if case .over = state { return }
        self.call = call
    }

    /// Serves what was cached before.
    ///
    /// - Returns: false, with nothing sent, where that cannot be done.
    private func answerFallback() -> Bool {
        guard let fallback else { return false }
        state = .over
        guard fallback.answer(connection) else {
            state = .waiting
            return false
        }
        return true
    }
}

extension InferenceExchange: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        if head.isFailure, answerFallback() {
            call?.cancel()
            call = nil
            return
        }
        let framing = BodyFraming.of(length: head.contentLength, isHTTP10: connection.isHTTP10)
        let writer = connection.respond(head.status)
        writer.fields(of: head)
        if let status { writer.cacheStatus(status) }
        framing.writeField(to: writer)
        state = .streaming(framing, isEventStream: head.isEventStream)
        connection.send(writer.end())
        if !connection.takesMore { call?.pauseReading() }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard case .streaming(let framing, let isEventStream) = state else { return }
        if isEventStream { tail.take(bytes) }
        connection.send(body: bytes, framing: framing)
    }

    func upstreamReadComplete() {
        if case .streaming = state { connection.flush() }
    }

    func upstreamEnd() {
        call = nil
        guard case .streaming(let framing, _) = state else { return }
        state = .over
        connection.finish(framing: framing)
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        switch state {
        case .waiting:
            if answerFallback() { return }
            state = .over
            connection.answer(APIError(error), status: status)
        case .streaming(let framing, let isEventStream):
            state = .over
            if isEventStream, tail.isDone, !framing.hasLength {
                // It was whole: what was to come behind its end does not matter.
                return connection.finish(framing: framing)
            }
            // The OpenAI clients raise what such an event says. Every other client notices that the end is missing.
            if isEventStream { connection.send(event: APIError(error), framing: framing) }
            connection.cutOff()
        case .over:
            break
        }
    }
}

extension InferenceExchange: Exchange {
    func cutOff(by error: APIError) {
        guard case .streaming(let framing, let isEventStream) = state, isEventStream else { return }
        connection.send(event: error, framing: framing)
    }

    func clientGone() {
        state = .over
        call?.cancel()
        call = nil
    }

    func clientTakesMore(_ takesMore: Bool) {
        guard case .streaming = state else { return }
        if takesMore { call?.resumeReading() } else { call?.pauseReading() }
    }
}
