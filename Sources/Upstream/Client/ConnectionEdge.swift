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
    var connection: Connection?
    private var isPaused = false
    private var wantsRead = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.connection = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection?.bytesArrived() == true else {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    /// Sends a whole request.
    func send(_ request: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
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
