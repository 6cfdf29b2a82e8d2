import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A model that answers chat requests with its own name, once it is allowed to.
final class ModelServer: Sendable {
    private struct State {
        var calls = 0
        var open = 0
        var isHeld = false
        var waiting: [EventLoopPromise<Void>] = []
    }

    let name: String
    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    init(name: String, on group: any EventLoopGroup) async throws {
        self.name = name
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                self.state.withLock { $0.open += 1 }
                channel.closeFuture.whenComplete { _ in self.state.withLock { $0.open -= 1 } }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }
    /// Requests that have come.
    var calls: Int { state.withLock { $0.calls } }
    /// Connections that are open.
    var openConnections: Int { state.withLock { $0.open } }

    /// From now on requests are answered when `release` is called.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Answers what waits, and what comes at once.
    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in waiting { promise.succeed() }
    }

    private func called(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isHeld = state.withLock { state in
            state.calls += 1
            if state.isHeld { state.waiting.append(promise) }
            return state.isHeld
        }
        if !isHeld { promise.succeed() }
        return promise.futureResult
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: ModelServer

        init(_ server: ModelServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let body =
                #"{"id":"c","object":"chat.completion","created":1,"model":"\#(server.name)","choices":[{"index":0,"message":{"role":"assistant","content":"I am \#(server.name)."},"finish_reason":"stop"}]}"#
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            server.called(on: context.eventLoop).whenSuccess {
                let (handler, context) = bound.value
                let fields: HTTPHeaders = [
                    "content-type": "application/json", "content-length": "\(body.utf8.count)",
                ]
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
                context.write(handler.wrapOutboundOut(.head(head)), promise: nil)
                context.write(handler.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(handler.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
