import NIOCore
import NIOHTTP1

/// Stands before the reader: sees the first byte of an answer, lets finished requests out, and holds
/// reading back while the client does not keep up.
///
/// NIO's decoder, where it reads, must be told of each request; what it is told goes no further than here.
final class ConnectionEdge: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    /// Says whether the bytes are wanted. The two hold each other until the channel ends.
    var connection: UpstreamConnection?
    private var isPaused = false
    private var wantsRead = false
    private var context: ChannelHandlerContext?
    /// What is to be sent of a large body, in order.
    private var unsent: ArraySlice<ByteBuffer> = []
    private var isSending = false
    /// Bytes that are given to the channel at a time.
    private static let portion = 128 * 1024
    /// Bytes that are sent before others on the loop have their turn.
    private static let turn = 1 << 20

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.connection = nil
        unsent = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection?.bytesArrived() == true else {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    /// Sends a request: its beginning at once, the rest as the server takes it.
    func send(_ request: ByteBuffer, _ rest: [ByteBuffer]) {
        context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
        unsent = rest[...]
        sendOn()
    }

    /// Whether everything was given to the channel.
    var hasSentAll: Bool { unsent.isEmpty }

    private func sendOn() {
        guard !isSending, !unsent.isEmpty else { return }
        isSending = true
        defer { isSending = false }
        var sent = 0
        while var piece = unsent.popFirst(), let context {
            let part = piece.readSlice(length: min(Self.portion, piece.readableBytes)) ?? ByteBuffer()
            if piece.readableBytes > 0 { unsent = ([piece] + unsent)[...] }
            sent += part.readableBytes
            context.writeAndFlush(wrapOutboundOut(part), promise: nil)
            guard context.channel.isWritable else { return }
            guard sent < Self.turn else {
                return context.eventLoop.assumeIsolated().execute { self.sendOn() }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendOn() }
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promise?.succeed()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused {
            wantsRead = true
        } else {
            context.read()
        }
    }

    func pauseReading() {
        isPaused = true
    }

    func resumeReading() {
        isPaused = false
        guard wantsRead else { return }
        wantsRead = false
        context?.read()
    }
}
