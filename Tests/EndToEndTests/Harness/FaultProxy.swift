import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A proxy in front of a server, which passes bytes on or injects a fault.
final class FaultProxy: Sendable {
    /// The treatment of the server's bytes. The client's bytes are always passed on.
    enum Fault: Sendable, CaseIterable {
        case none
        /// New connections are closed at once.
        case refuse
        /// The connection is reset instead of passing the next answer on.
        case reset
        /// Half of the next answer is passed on, and then the connection ends.
        case cut
        /// Half of the next answer is passed on, and then nothing.
        case halfThenSilence
        /// A byte is passed on every 100 ms.
        case trickle
        /// Other bytes replace the answer.
        case garbage
        /// An earlier answer replaces this one.
        case anotherAnswer
        /// Nothing is passed on any more.
        case silence
    }

    private struct State {
        var fault = Fault.none
        var earlier: ByteBuffer?
        var pipes: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = Mutex(State())
    private let target: Int
    private let listener = Mutex<(any Channel)?>(nil)

    /// Starts in front of a server on loopback.
    static func start(before target: Int) async throws -> FaultProxy {
        let proxy = FaultProxy(target)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [weak proxy] in proxy?.open($0) ?? $0.close() }
            .bind(host: "127.0.0.1", port: 0).get()
        proxy.listener.withLock { $0 = channel }
        return proxy
    }

    private init(_ target: Int) { self.target = target }

    deinit { listener.withLock { $0?.close(promise: nil) } }

    var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }

    /// Switches to a fault, on existing connections too.
    func switchTo(_ fault: Fault) { state.withLock { $0.fault = fault } }

    /// Closes every connection.
    func hangUp() { for pipe in state.withLock({ Array($0.pipes.values) }) { pipe.close(promise: nil) } }

    private func open(_ client: any Channel) -> EventLoopFuture<Void> {
        if state.withLock({ $0.fault }) == .refuse { return client.close() }
        state.withLock { $0.pipes[ObjectIdentifier(client)] = client }
        client.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.pipes.removeValue(forKey: ObjectIdentifier(client)) }
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                server.pipeline.addHandler(Pump(to: client, judge: self.judge)).and(
                    client.pipeline.addHandler(Pump(to: server, judge: nil))
                )
            }
            .flatMap { _ in client.setOption(.autoRead, value: true) }
            .flatMapError { _ in client.close() }
    }

    /// The treatment of some of the server's bytes.
    fileprivate enum Verdict {
        case pass(ByteBuffer)
        case passThenClose(ByteBuffer)
        case passThenIgnore(ByteBuffer)
        case trickle(ByteBuffer)
        case reset
    }

    private func judge(_ bytes: ByteBuffer) -> Verdict {
        state.withLock { state in
            let half = bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes / 2) ?? bytes
            switch state.fault {
            case .none, .refuse:
                if bytes.readableBytes > 64 { state.earlier = bytes }
                return .pass(bytes)
            case .reset: return .reset
            case .cut: return .passThenClose(half)
            case .halfThenSilence: return .passThenIgnore(half)
            case .trickle: return .trickle(bytes)
            case .garbage:
                return .pass(ByteBuffer(bytes: (0..<bytes.readableBytes).map { _ in UInt8.random(in: 0...255) }))
            case .anotherAnswer: return .pass(state.earlier ?? bytes)
            case .silence: return .passThenIgnore(ByteBuffer())
            }
        }
    }
}

/// Passes the bytes of one side on to the other.
private final class Pump: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let judge: (@Sendable (ByteBuffer) -> FaultProxy.Verdict)?
    private let isDeaf = Atomic<Bool>(false)

    init(to other: any Channel, judge: (@Sendable (ByteBuffer) -> FaultProxy.Verdict)?) {
        self.other = other
        self.judge = judge
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let judge else { return other.writeAndFlush(bytes, promise: nil) }
        guard !isDeaf.load(ordering: .relaxed) else { return }
        switch judge(bytes) {
        case .pass(let bytes): other.writeAndFlush(bytes, promise: nil)
        case .passThenClose(let bytes):
            other.writeAndFlush(bytes).whenComplete { [other] _ in other.close(promise: nil) }
        case .passThenIgnore(let bytes):
            isDeaf.store(true, ordering: .relaxed)
            other.writeAndFlush(bytes, promise: nil)
        case .trickle(let bytes):
            isDeaf.store(true, ordering: .relaxed)
            trickle(bytes)
        case .reset:
            // Closing then sends RST instead of FIN.
            let provider = other as? any SocketOptionProvider
            provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { [other] _ in
                other.close(promise: nil)
            }
        }
    }

    private func trickle(_ bytes: ByteBuffer) {
        var rest = bytes
        guard let byte = rest.readSlice(length: 1), other.isActive else { return }
        other.writeAndFlush(byte, promise: nil)
        let remaining = rest
        other.eventLoop.scheduleTask(in: .milliseconds(100)) { self.trickle(remaining) }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
