import NIOCore
import ResponseCache
import Upstream

/// A request that went upstream by itself, for an answer that is not stored: relays it as it arrives.
///
/// Bound to the connection's event loop.
final class InferenceExchange {
    /// What becomes of the answer.
    private enum Relay {
        /// The head has not come.
        case waiting
        /// The head has been sent.
        case streaming(BodyFraming, isEventStream: Bool)
        case over
    }

    private let connection: Connection
    private let worker: Worker
    private let status: CacheStatus?
    private let fallback: FallbackAnswer?
    private var relay: Relay = .waiting
    private var call: UpstreamCall?
    /// Of an event stream.
    private var tail = StreamTail()

    /// - Parameters:
    ///   - status: why the request went upstream, for Cache-Status; nil where there is no cache.
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
        if case .over = relay { return }
        self.call = call
    }

    /// Serves what was cached before.
    ///
    /// - Returns: false, with nothing sent, where that cannot be done.
    private func answerFallback() -> Bool {
        guard let fallback else { return false }
        relay = .over
        guard fallback.answer(connection) else {
            relay = .waiting
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
        relay = .streaming(framing, isEventStream: head.isEventStream)
        connection.send(writer.end())
        if !connection.takesMore { call?.pauseReading() }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard case .streaming(let framing, let isEventStream) = relay else { return }
        if isEventStream { tail.take(bytes) }
        connection.send(body: bytes, framing: framing)
    }

    func upstreamReadComplete() {
        if case .streaming = relay { connection.flush() }
    }

    func upstreamEnd() {
        call = nil
        guard case .streaming(let framing, _) = relay else { return }
        relay = .over
        connection.finish(framing: framing)
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        switch relay {
        case .waiting:
            if answerFallback() { return }
            relay = .over
            connection.answer(APIError(error), status: status)
        case .streaming(let framing, let isEventStream):
            relay = .over
            if isEventStream, tail.isDone, !framing.hasLength {
                // It was whole: what was to come behind its end does not matter.
                return connection.finish(framing: framing)
            }
            // The OpenAI clients raise what such an event says; the missing end tells everybody else.
            if isEventStream { connection.send(event: APIError(error), framing: framing) }
            connection.cutOff()
        case .over:
            break
        }
    }
}

extension InferenceExchange: Exchange {
    func cutOff(by error: APIError) {
        guard case .streaming(let framing, let isEventStream) = relay, isEventStream else { return }
        connection.send(event: error, framing: framing)
    }

    func clientGone() {
        relay = .over
        call?.cancel()
        call = nil
    }

    func clientTakesMore(_ takesMore: Bool) {
        guard case .streaming = relay else { return }
        if takesMore { call?.resumeReading() } else { call?.pauseReading() }
    }
}
