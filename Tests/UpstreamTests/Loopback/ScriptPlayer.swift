import Foundation
import NIOCore
import NIOSSL

/// Plays one connection's script.
final class ScriptPlayer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var script: ArraySlice<ScriptedServer.Step>
    private let shared: SharedLog
    private let tls: NIOSSLContext?
    private var received: [UInt8] = []
    private var isWaiting = false

    init(script: [ScriptedServer.Step], shared: SharedLog, tls: NIOSSLContext?) {
        self.script = script[...]
        self.shared = shared
        self.tls = tls
    }

    func channelActive(context: ChannelHandlerContext) { play(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        play(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        shared.update { $0.closed += 1 }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func play(_ context: ChannelHandlerContext) {
        guard !isWaiting else { return }
        while let step = script.first {
            switch step {
            case .receive:
                guard let request = takeRequest() else { return }
                shared.update { $0.requests.append(request) }
            case .tunnel(let answer):
                guard let request = takeRequest() else { return }
                shared.update { $0.requests.append(request) }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
                if let tls {
                    // The handlers are added before this one, so that the rest of the script is sent through them.
                    try? context.pipeline.syncOperations.addHandlers(
                        shared.tlsHandlers(tls, on: context.channel),
                        position: .before(self)
                    )
                }
            case .send(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .sendByteByByte(let text):
                for byte in text.utf8 {
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
                }
            case .close:
                context.close(promise: nil)
            case .reset:
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in bound.value.close(promise: nil) }
            case .hang:
                return
            case .wait(let gate):
                script.removeFirst()
                isWaiting = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                gate.promise.futureResult.hop(to: context.eventLoop).whenComplete { _ in
                    let (player, context) = bound.value
                    player.isWaiting = false
                    player.play(context)
                }
                return
            }
            script.removeFirst()
        }
    }

    /// Returns one whole request, if it has been received.
    private func takeRequest() -> String? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.upperBound]
        let length =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter { $0 != " " }) } ?? 0
        let total = head.utf8.count + length
        guard received.count >= total else { return nil }
        defer { received.removeFirst(total) }
        return String(decoding: received.prefix(total), as: UTF8.self)
    }
}
