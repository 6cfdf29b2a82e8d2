import NIOCore

/// Requests a tunnel from a proxy (RFC 9110 section 9.3.6). The handlers after it see the channel become active once
/// the tunnel is open, and nothing before.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let route: UpstreamRoute
    private let proxy: ProxyServer
    private var answer: TunnelAnswer? = TunnelAnswer()

    init(route: UpstreamRoute, proxy: ProxyServer) {
        self.route = route
        self.proxy = proxy
    }

    func channelActive(context: ChannelHandlerContext) {
        let authorization = proxy.authorization.map { "proxy-authorization: \($0)\r\n" } ?? ""
        let head = "CONNECT \(route.name) HTTP/1.1\r\nhost: \(route.name)\r\n\(authorization)\r\n"
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: head)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard answer != nil else {
            context.fireChannelRead(data)
            return
        }
        var bytes = unwrapInboundIn(data)
        switch answer?.take(&bytes) {
        case .more, nil:
            break
        case .opened:
            answer = nil
            context.fireChannelActive()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        case .refused(let reason):
            let place = "the proxy \(proxy.host):\(proxy.port) did not open a tunnel to \(route.name)"
            context.fireErrorCaught(UpstreamError(.proxyRefused, "\(place): \(reason)"))
            context.close(promise: nil)
        }
    }
}

/// Reads a proxy's answer to CONNECT.
struct TunnelAnswer {
    enum Outcome: Equatable {
        case more
        case opened
        case refused(String)
    }

    static let maxBytes = 16_384
    private var head: [UInt8] = []

    /// Reads the bytes of the head, and leaves those that follow it.
    mutating func take(_ bytes: inout ByteBuffer) -> Outcome {
        while let byte: UInt8 = bytes.readInteger() {
            head.append(byte)
            if byte == 10, head.suffix(4) == [13, 10, 13, 10] {
                let outcome = judge()
                if case .more = outcome { continue }
                // In TLS the server does not speak before the client, so that the following bytes were not sent by it.
                if outcome == .opened, bytes.readableBytes > 0 { return .refused("it sent more than its answer") }
                return outcome
            }
            if head.count >= Self.maxBytes { return .refused("its answer is too long") }
        }
        return .more
    }

    private mutating func judge() -> Outcome {
        let parts = head.prefix { $0 != 13 }.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count >= 2, parts[0].elementsEqual("HTTP/1.1".utf8) || parts[0].elementsEqual("HTTP/1.0".utf8),
            parts[1].count == 3, let status = Int(String(decoding: parts[1], as: UTF8.self))
        else { return .refused("its answer is not HTTP/1.1") }
        switch status {
        case 100..<200:
            head.removeAll()
            return .more
        case 200..<300: return .opened
        case 407: return .refused("it wants other credentials (407); give them as http://user:password@host:port")
        default: return .refused("it answered \(status)")
        }
    }
}
