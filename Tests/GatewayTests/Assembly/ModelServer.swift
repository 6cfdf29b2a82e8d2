import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A model's server, which answers as a test says, once it is allowed to.
final class ModelServer: Sendable {
    /// What is answered.
    struct Answer: Sendable {
        var status = 200
        var contentType = "application/json"
        /// The body. While answers are held, all but the last piece is sent.
        var pieces: [String]
    }

    /// A request as it came.
    struct Request: Sendable {
        let path: String
        let headers: [String: String]
        let body: String
    }

    private struct State {
        var requests: [Request] = []
        var open = 0
        var isHeld = false
        var waiting: [EventLoopPromise<Void>] = []
    }

    let name: String
    private let script: @Sendable (Request) -> Answer
    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    /// A server that answers chat requests with its own name.
    static func named(_ name: String, on group: any EventLoopGroup) async throws -> ModelServer {
        try await ModelServer(name: name, on: group) { _ in
            let choice =
                #"{"index":0,"message":{"role":"assistant","content":"I am \#(name)."},"finish_reason":"stop"}"#
            let answer = #"{"id":"c","object":"chat.completion","created":1,"model":"\#(name)","choices":[\#(choice)]}"#
            return Answer(pieces: [answer])
        }
    }

    init(
        name: String,
        on group: any EventLoopGroup,
        script: @escaping @Sendable (Request) -> Answer
    ) async throws {
        self.name = name
        self.script = script
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
    /// How many requests have come.
    var calls: Int { requests.count }
    /// The requests that have come.
    var requests: [Request] { state.withLock { $0.requests } }
    /// Connections that are open.
    var openConnections: Int { state.withLock { $0.open } }

    /// From now on answers are completed when `release` is called.
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

    /// Notes a request.
    ///
    /// - Returns: the answer, and when its last piece may be sent.
    private func take(_ request: Request, on eventLoop: any EventLoop) -> (Answer, EventLoopFuture<Void>) {
        let promise = eventLoop.makePromise(of: Void.self)
        let isHeld = state.withLock { state in
            state.requests.append(request)
            if state.isHeld { state.waiting.append(promise) }
            return state.isHeld
        }
        if !isHeld { promise.succeed() }
        return (script(request), promise.futureResult)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: ModelServer
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ server: ModelServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): body += String(buffer: bytes)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head else { return }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
            let (answer, mayEnd) = server.take(
                Request(path: head.uri, headers: headers, body: body),
                on: context.eventLoop
            )
            body = ""
            var fields: HTTPHeaders = ["content-type": answer.contentType]
            if answer.pieces.count == 1 { fields.add(name: "content-length", value: "\(answer.pieces[0].utf8.count)") }
            let status = HTTPResponseStatus(statusCode: answer.status)
            write(context, .head(HTTPResponseHead(version: .http1_1, status: status, headers: fields)))
            for piece in answer.pieces.dropLast() { write(context, .body(.byteBuffer(ByteBuffer(string: piece)))) }
            context.flush()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            mayEnd.whenSuccess {
                let (handler, context) = bound.value
                handler.write(context, .body(.byteBuffer(ByteBuffer(string: answer.pieces.last ?? ""))))
                handler.write(context, .end(nil))
                context.flush()
            }
        }

        private func write(_ context: ChannelHandlerContext, _ part: HTTPServerResponsePart) {
            context.write(wrapOutboundOut(part), promise: nil)
        }
    }
}
