import NIOCore
import NIOHTTP1

/// Takes what is read of the requests on a connection.
protocol RequestReceiver: AnyObject {
    func receive(_ part: RequestPart)
}

/// Reads the requests on a connection: those that `PlainRequestHead` reads by itself; from the first that is unusual, NIO's
/// decoder reads the rest of the connection.
///
/// Bound to the channel's event loop. What arrives is given to the receiver within the same call; only errors take the way
/// along the pipeline.
final class RequestReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Course {
        /// A head is next; what has come of it.
        case head(ByteBuffer?, readings: Int)
        /// So many bytes of a body are to come.
        case body(Int)
        case handedOver
    }

    private let receiver: any RequestReceiver
    private let limits: NIOHTTPDecoderLimitConfiguration
    private var course = Course.head(nil, readings: 0)

    /// How often the beginning of a head is looked at again before it is left to the decoder, which reads each byte once.
    private static let mostReadings = 8

    init(receiver: any RequestReceiver, limits: NIOHTTPDecoderLimitConfiguration) {
        self.receiver = receiver
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch course {
        case .handedOver: context.fireChannelRead(data)
        case .body(let count): read(unwrapInboundIn(data), bodyBytes: count, context)
        case .head(let begun, let readings):
            var bytes = unwrapInboundIn(data)
            guard var whole = begun else { return read(bytes, bodyBytes: 0, context) }
            whole.writeBuffer(&bytes)
            read(whole, bodyBytes: 0, readings: readings, context)
        }
    }

    /// - Parameter bodyBytes: how many of them belong to the body of the request whose head was read last.
    private func read(
        _ arrived: ByteBuffer,
        bodyBytes: Int,
        readings: Int = 0,
        _ context: ChannelHandlerContext
    ) {
        var bytes = arrived
        var rest = bodyBytes
        while true {
            if rest > 0 {
                guard let part = bytes.readSlice(length: min(rest, bytes.readableBytes)), part.readableBytes > 0 else {
                    course = .body(rest)
                    return
                }
                rest -= part.readableBytes
                receiver.receive(.body(part))
                if rest == 0 { receiver.receive(.end) }
                continue
            }
            guard bytes.readableBytes > 0 else {
                course = .head(nil, readings: 0)
                return
            }
            switch bytes.withUnsafeReadableBytes(PlainRequestHead.read) {
            case .head(let head, let length):
                bytes.moveReaderIndex(forwardBy: length)
                rest = head.fields.contentLength ?? 0
                receiver.receive(.head(head))
                if rest == 0 { receiver.receive(.end) }
            case .incomplete where readings < Self.mostReadings:
                course = .head(bytes, readings: readings + 1)
                return
            case .incomplete, .unusual: return handOver(bytes, context)
            }
        }
    }

    private func handOver(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        course = .handedOver
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        do {
            try context.pipeline.syncOperations.addHandlers(
                [ByteToMessageHandler(decoder), DecodedRequests(receiver)],
                position: .after(self)
            )
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(wrapInboundOut(bytes))
    }
}

/// Gives the receiver what NIO's decoder read.
private final class DecodedRequests: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let receiver: any RequestReceiver

    init(_ receiver: any RequestReceiver) {
        self.receiver = receiver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receiver.receive(.head(RequestHead(head)))
        case .body(let bytes): receiver.receive(.body(bytes))
        case .end: receiver.receive(.end)
        }
    }
}
