import NIOCore
import NIOHTTP1

/// Reads the answers on a connection: those that `PlainAnswerHead` and `AnswerChunks` read by itself; from the first that is
/// unusual, NIO's decoder reads the rest of the connection.
///
/// Bound to the channel's event loop. What arrives is given to the receiver within the same call; only errors take the way
/// along the pipeline.
final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Course {
        /// A head is next; what has come of it.
        case head(ByteBuffer?, readings: Int)
        /// So many bytes of a body are to come.
        case body(Int)
        /// The head as it came, and bytes that a chunk begins with.
        case chunks(AnswerChunks, head: ByteBuffer, ByteBuffer?)
        case handedOver
        case failed
    }

    /// It holds the reader, which it tells of requests, and lets go of it when the channel ends.
    private let receiver: any AnswerReceiver
    private let limits: NIOHTTPDecoderLimitConfiguration
    private var course = Course.head(nil, readings: 0)

    /// How often the beginning of a head is looked at again before it is left to the decoder, which reads each byte once.
    private static let mostReadings = 8

    init(receiver: any AnswerReceiver, limits: NIOHTTPDecoderLimitConfiguration) {
        self.receiver = receiver
        self.limits = limits
    }

    /// A request was sent: the decoder, where it reads, must be told of each.
    func requestWasSent(_ context: ChannelHandlerContext) {
        if case .handedOver = course { Self.tell(context) }
    }

    /// That it is not a HEAD or a CONNECT.
    private static let requestNotice = HTTPClientRequestPart.head(
        HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
    )

    /// Goes no further than `ConnectionEdge`.
    private static func tell(_ context: ChannelHandlerContext) {
        context.pipeline.syncOperations.write(NIOAny(requestNotice), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch course {
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
            course = .head(nil, readings: 0)
            return
        }
        switch bytes.withUnsafeReadableBytes(PlainAnswerHead.read) {
        case .head(let head, let framing, let length):
            let raw = bytes.readSlice(length: length) ?? ByteBuffer()
            receiver.receive(.head(head, keepsAlive: true))
            switch framing {
            case .length(let count): readBody(bytes, count, context)
            case .chunked: readChunks(bytes, AnswerChunks(), raw, context)
            }
        case .incomplete where readings < Self.mostReadings: course = .head(bytes, readings: readings + 1)
        case .incomplete, .unusual: handOver(bytes, context)
        }
    }

    private func readBody(_ arrived: ByteBuffer, _ count: Int, _ context: ChannelHandlerContext) {
        var bytes = arrived
        let part = bytes.readSlice(length: min(count, bytes.readableBytes)) ?? ByteBuffer()
        if part.readableBytes > 0 { receiver.receive(.body(part)) }
        guard part.readableBytes == count else {
            course = .body(count - part.readableBytes)
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
                course = .chunks(chunks, head: head, bytes.readableBytes > 0 ? bytes : nil)
                return
            case .unusual:
                // The decoder is to know what it is in the middle of.
                return handOver(bytes, behind: head, context)
            case .malformed: return fail(context)
            }
        }
    }

    private func end(_ rest: ByteBuffer, _ context: ChannelHandlerContext) {
        course = .head(nil, readings: 0)
        receiver.receive(.end)
        // Nobody asked for more.
        if rest.readableBytes > 0 { fail(context) }
    }

    private func fail(_ context: ChannelHandlerContext) {
        course = .failed
        context.fireErrorCaught(HTTPParserError.invalidChunkSize)
    }

    private func handOver(_ bytes: ByteBuffer, behind head: ByteBuffer? = nil, _ context: ChannelHandlerContext) {
        course = .handedOver
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
        Self.tell(context)
        if let head { context.fireChannelRead(wrapInboundOut(head)) }
        context.fireChannelRead(wrapInboundOut(bytes))
    }
}

/// Gives the receiver what NIO's decoder read.
private final class DecodedAnswers: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let receiver: any AnswerReceiver
    /// The next head has been told already.
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
