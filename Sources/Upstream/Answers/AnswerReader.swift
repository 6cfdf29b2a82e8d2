import NIOCore
import NIOHTTP1

/// Reads the answers on a connection. It parses the answers that `PlainAnswerHead` and `AnswerChunks` understand. From
/// the first unusual answer on, NIO's decoder reads everything on the connection.
///
/// It is bound to the channel's event loop. Parts are given to the receiver within the call that brings their bytes,
/// and only errors pass through the pipeline.
final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Stage {
        /// A head is expected, of which these bytes have been received.
        case head(ByteBuffer?, readings: Int)
        /// This many bytes of a body are still to come.
        case body(Int)
        /// A chunked body is being read. It holds the received head, and the bytes of a chunk that is not complete.
        case chunks(AnswerChunks, head: ByteBuffer, ByteBuffer?)
        case handedOver
        case failed
    }

    /// The receiver holds the reader, which it notifies of requests, until the channel ends.
    private let receiver: any AnswerReceiver
    private let limits: NIOHTTPDecoderLimitConfiguration
    private var stage = Stage.head(nil, readings: 0)
    /// Whether the present request is HEAD.
    private var isHead = false

    /// How often the beginning of a head is parsed again before it is left to the decoder, which reads each byte only
    /// once.
    private static let mostReadings = 8

    init(receiver: any AnswerReceiver, limits: NIOHTTPDecoderLimitConfiguration) {
        self.receiver = receiver
        self.limits = limits
    }

    /// A request was sent. Where the decoder reads, it must be notified of each request.
    ///
    /// - Parameter isHead: whether its method is HEAD, so that its answer has no body, whatever the answer's fields say
    ///   (RFC 9112 section 6.3).
    func requestWasSent(isHead: Bool, _ context: ChannelHandlerContext) {
        self.isHead = isHead
        if case .handedOver = stage { tell(context) }
    }

    /// The notices that the decoder gets of requests. It needs to know only whether a request is HEAD or CONNECT.
    private static let requestNotice = HTTPClientRequestPart.head(
        HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
    )
    private static let headRequestNotice = HTTPClientRequestPart.head(
        HTTPRequestHead(version: .http1_1, method: .HEAD, uri: "/")
    )

    /// `ConnectionEdge` does not pass the notice on.
    private func tell(_ context: ChannelHandlerContext) {
        let notice = isHead ? Self.headRequestNotice : Self.requestNotice
        context.pipeline.syncOperations.write(NIOAny(notice), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch stage {
        case .handedOver: context.fireChannelRead(data)
        case .failed: break
        case .head(let begun, let readings): readHead(joined(begun, unwrapInboundIn(data)), readings, context)
        case .body(let count): readBody(unwrapInboundIn(data), count, context)
        case .chunks(let chunks, let head, let begun):
            readChunks(joined(begun, unwrapInboundIn(data)), chunks, head, context)
        }
    }

    private func joined(_ begun: ByteBuffer?, _ more: ByteBuffer) -> ByteBuffer {
        guard var whole = begun else { return more }
        whole.writeImmutableBuffer(more)
        return whole
    }

    private func readHead(_ arrived: ByteBuffer, _ readings: Int, _ context: ChannelHandlerContext) {
        var bytes = arrived
        guard bytes.readableBytes > 0 else {
            stage = .head(nil, readings: 0)
            return
        }
        switch bytes.withUnsafeReadableBytes(PlainAnswerHead.read) {
        case .head(let head, let framing, let length):
            receiver.receive(.head(head, keepsAlive: true))
            if case .chunked = framing, !isHead {
                let raw = bytes.readSlice(length: length) ?? ByteBuffer()
                return readChunks(bytes, AnswerChunks(), raw, context)
            }
            bytes.moveReaderIndex(forwardBy: length)
            if case .length(let count) = framing, !isHead {
                readBody(bytes, count, context)
            } else {
                end(bytes, context)
            }
        case .incomplete where readings < Self.mostReadings: stage = .head(bytes, readings: readings + 1)
        case .incomplete, .unusual: handOver(bytes, context)
        }
    }

    private func readBody(_ arrived: ByteBuffer, _ count: Int, _ context: ChannelHandlerContext) {
        var bytes = arrived
        let part = bytes.readSlice(length: min(count, bytes.readableBytes)) ?? ByteBuffer()
        if part.readableBytes > 0 { receiver.receive(.body(part)) }
        guard part.readableBytes == count else {
            stage = .body(count - part.readableBytes)
            return
        }
        end(bytes, context)
    }

    private func readChunks(
        _ arrived: ByteBuffer,
        _ state: AnswerChunks,
        _ head: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        var bytes = arrived
        var chunks = state
        while true {
            switch chunks.next(&bytes) {
            case .piece(let piece): receiver.receive(.body(piece))
            case .end: return end(bytes, context)
            case .incomplete:
                stage = .chunks(chunks, head: head, bytes.readableBytes > 0 ? bytes : nil)
                return
            case .unusual:
                // The decoder must read the head too, so that it expects a chunked body.
                return handOver(bytes, behind: head, context)
            case .malformed: return fail(context)
            }
        }
    }

    private func end(_ rest: ByteBuffer, _ context: ChannelHandlerContext) {
        stage = .head(nil, readings: 0)
        receiver.receive(.end)
        // No request is open, so that further bytes do not belong to an answer.
        if rest.readableBytes > 0 { fail(context) }
    }

    private func fail(_ context: ChannelHandlerContext) {
        stage = .failed
        context.fireErrorCaught(HTTPParserError.invalidChunkSize)
    }

    private func handOver(_ bytes: ByteBuffer, behind head: ByteBuffer? = nil, _ context: ChannelHandlerContext) {
        stage = .handedOver
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .fireError, limitConfiguration: limits)
        do {
            try context.pipeline.syncOperations.addHandlers(
                [ByteToMessageHandler(decoder), DecodedAnswers(receiver, isHeadKnown: head != nil)],
                position: .after(self)
            )
        } catch {
            context.fireErrorCaught(error)
            return
        }
        tell(context)
        if let head { context.fireChannelRead(wrapInboundOut(head)) }
        context.fireChannelRead(wrapInboundOut(bytes))
    }
}

/// Gives the receiver what NIO's decoder has read.
private final class DecodedAnswers: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let receiver: any AnswerReceiver
    /// Whether the receiver already has the head that is read next.
    private var isHeadKnown: Bool

    init(_ receiver: any AnswerReceiver, isHeadKnown: Bool) {
        self.receiver = receiver
        self.isHeadKnown = isHeadKnown
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head where isHeadKnown: isHeadKnown = false
        case .head(let head): receiver.receive(.head(UpstreamHead(head), keepsAlive: head.isKeepAlive))
        case .body(let bytes): receiver.receive(.body(bytes))
        case .end: receiver.receive(.end)
        }
    }
}
