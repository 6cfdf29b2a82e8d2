import NIOCore
import ResponseCache
import Upstream

/// A request that went upstream: relays the answer to the client and, where it may be stored, records it.
///
/// An answer that may be stored is held until it is complete, up to the largest size of an entry: the client gets
/// nothing that was cut off, and `stored` in Cache-Status is true when it says so. Everything else is relayed as it
/// arrives. Bound to the connection's event loop.
final class InferenceExchange {
    /// What becomes of the answer.
    private enum Relay {
        /// The head has not come.
        case waiting
        /// The answer is being recorded; nothing has been sent.
        case recording(UpstreamHead, ByteBuffer)
        /// The head has been sent.
        case streaming(BodyFraming, isEventStream: Bool)
        case over
    }

    private let connection: Connection
    private let worker: Worker
    private let recording: Recording?
    private let status: CacheStatus?
    private var relay: Relay = .waiting
    private var call: UpstreamCall?

    /// - Parameters:
    ///   - recording: where the answer is stored; nil if it may not be.
    ///   - status: why the request went upstream, for Cache-Status; nil where there is no cache.
    init(connection: Connection, recording: Recording?, status: CacheStatus?) {
        self.connection = connection
        self.worker = connection.worker
        self.recording = recording
        self.status = status
    }

    /// Sends the request upstream.
    func begin(_ request: UpstreamRequest, to group: ModelGroup) {
        connection.attach(self)
        let call = worker.upstream.send(request, to: group, receiver: self)
        if case .over = relay { return }
        self.call = call
    }

    // MARK: Sending

    private func sendHead(_ head: UpstreamHead, framing: BodyFraming, isStored: Bool, capacity: Int) -> ResponseWriter {
        var writer = connection.respond(head.status, capacity: capacity)
        writer.fields(of: head)
        if var status {
            status.isStored = isStored
            writer.write { status.writeLine(to: &$0) }
        }
        framing.writeField(to: &writer)
        writer.endHead()
        return writer
    }

    /// Gives up recording, if it was: what has come is sent, and what will come is sent as it comes.
    private func stream(_ head: UpstreamHead, collected: ByteBuffer?) {
        let framing = BodyFraming.of(length: head.contentLength, isHTTP10: connection.isHTTP10)
        let writer = sendHead(head, framing: framing, isStored: false, capacity: 1_024)
        relay = .streaming(framing, isEventStream: head.isEventStream)
        connection.send(writer.buffer)
        if let collected { connection.send(body: collected, framing: framing) }
        if !connection.takesMore { call?.pauseReading() }
    }

    private func answer(_ head: UpstreamHead, _ body: ByteBuffer) {
        let isStored =
            recording.map {
                $0.pass.store(
                    body,
                    status: head.status,
                    contentType: head.first("content-type") ?? "application/json",
                    under: $0.key,
                    at: worker.instant()
                )
            } ?? false
        var writer = sendHead(
            head,
            framing: .length(body.readableBytes),
            isStored: isStored,
            capacity: 1_024 + body.readableBytes
        )
        writer.write { $0.writeImmutableBuffer(body) }
        relay = .over
        connection.answer(writer.buffer)
    }
}

extension InferenceExchange: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        if let recording, head.status == 200, head.contentLength ?? 0 <= recording.sizeLimit, !head.isEventStream {
            relay = .recording(head, ByteBuffer())
        } else {
            stream(head, collected: nil)
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        switch relay {
        case .recording(let head, var collected):
            relay = .waiting
            if collected.readableBytes == 0 {
                collected = bytes
            } else {
                collected.writeImmutableBuffer(bytes)
            }
            if collected.readableBytes > recording?.sizeLimit ?? 0 {
                stream(head, collected: collected)
            } else {
                relay = .recording(head, collected)
            }
        case .streaming(let framing, _):
            connection.send(body: bytes, framing: framing)
        case .waiting, .over:
            break
        }
    }

    func upstreamReadComplete() {
        if case .streaming = relay { connection.flush() }
    }

    func upstreamEnd() {
        call = nil
        switch relay {
        case .recording(let head, let collected):
            answer(head, collected)
        case .streaming(let framing, _):
            relay = .over
            connection.finish(framing: framing)
        case .waiting, .over:
            break
        }
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        switch relay {
        case .waiting, .recording:
            relay = .over
            connection.answer(APIError(error), status: status)
        case .streaming(let framing, let isEventStream):
            relay = .over
            // The OpenAI clients raise what such an event says; the missing end tells everybody else.
            if isEventStream {
                connection.send(body: ByteBuffer(string: "data: \(APIError(error).json)\n\n"), framing: framing)
            }
            connection.cutOff()
        case .over:
            break
        }
    }
}

extension InferenceExchange: Exchange {
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
