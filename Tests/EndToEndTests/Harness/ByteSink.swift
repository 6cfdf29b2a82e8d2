import NIOCore
import NIOPosix

/// A client that sends bytes and counts the received ones without keeping them, for answers too large to be examined.
final class ByteSink: Sendable {
    private let channel: any Channel
    /// The number of received bytes, and the first of them.
    let received = Observed((count: 0, start: ""))
    /// Whether the other side has closed the connection.
    let isClosed = Observed(false)

    static func open(port: Int, reads: Bool = true) async throws -> ByteSink {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: reads)
            .connect(host: "127.0.0.1", port: port).get()
        let sink = ByteSink(channel)
        try await channel.pipeline.addHandler(Counter(sink)).get()
        return sink
    }

    private init(_ channel: any Channel) { self.channel = channel }

    deinit { channel.close(promise: nil) }

    func close() { channel.close(promise: nil) }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Sends bytes, without waiting for that.
    func sendNow(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    /// Sends bytes for as long as the other side reads them.
    func sendWhilePossible(_ piece: ByteBuffer, times: Int) async {
        for _ in 0..<times {
            do { try await channel.writeAndFlush(piece) } catch { return }
        }
    }

    /// The first received bytes, once there are any.
    func start() async throws -> String { try await received.first { $0.count > 0 }.start }

    private final class Counter: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let received: Observed<(count: Int, start: String)>
        private let isClosed: Observed<Bool>

        init(_ sink: ByteSink) {
            received = sink.received
            isClosed = sink.isClosed
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            received.update {
                if $0.count == 0 { $0.start = String(decoding: bytes.readableBytesView.prefix(2_000), as: UTF8.self) }
                $0.count += bytes.readableBytes
            }
        }

        func channelInactive(context: ChannelHandlerContext) { isClosed.update { $0 = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
