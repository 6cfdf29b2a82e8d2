import NIOCore
import NIOHTTP1

/// The handler in front of the reader. It sees the first byte of an answer, sends requests, and stops reading while the
/// client does not keep up.
///
/// Where NIO's decoder reads, it must be notified of each request. The notices are not passed on.
final class ConnectionEdge: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    /// The connection, which decides whether bytes belong to an answer. The two hold each other until the channel ends.
    var connection: UpstreamConnection?
    private var isPaused = false
    private var wantsRead = false
    /// Whether the channel has sent nearly all that it was given.
    private(set) var isWritable = true
    private var context: ChannelHandlerContext?
    /// The part of a large body that was not sent yet, in order.
    private var unsent: ArraySlice<ByteBuffer> = []
    private var isSending = false
    /// Whether more of the body will follow.
    private var expectsMore = false
    /// Whether the server was last reported to take more of the body.
    private var hasOfferedRoom = false
    /// How many bytes are given to the channel at a time.
    private static let portion = 128 * 1024
    /// How many bytes are sent before other work of the loop is done.
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

    /// Sends a request: its beginning at once, and the body as fast as the server reads it.
    ///
    /// - Parameter isWhole: whether that is the whole body.
    func send(_ request: ByteBuffer, _ body: [ByteBuffer]?, isWhole: Bool) {
        context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
        (expectsMore, hasOfferedRoom) = (!isWhole, false)
        if let body {
            unsent = body[...]
            sendOn()
        }
        if expectsMore { offerRoom() }
    }

    /// Sends a further part of the body, which is the last one where `isLast` is true.
    func send(body: [ByteBuffer], isLast: Bool) {
        unsent += body
        expectsMore = !isLast
        sendOn()
        if expectsMore { offerRoom() }
    }

    /// Whether the whole request was given to the channel.
    var hasSentAll: Bool { unsent.isEmpty && !expectsMore }

    /// Reports whether the server takes more of the body, where that has changed.
    private func offerRoom() {
        let hasRoom = unsent.isEmpty && isWritable && context != nil
        guard hasRoom != hasOfferedRoom else { return }
        hasOfferedRoom = hasRoom
        connection?.takesBody(hasRoom)
    }

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
            guard isWritable else { return }
            guard sent < Self.turn else {
                return context.eventLoop.assumeIsolated().execute {
                    self.sendOn()
                    if self.expectsMore { self.offerRoom() }
                }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { sendOn() }
        if expectsMore { offerRoom() }
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
