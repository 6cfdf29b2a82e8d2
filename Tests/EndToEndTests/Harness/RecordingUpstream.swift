import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A model provider in the test process, which answers as the test decides and records every request.
final class RecordingUpstream: Sendable {
    private let record: Record
    private let listener: any Channel
    let port: Int

    /// Starts listening on a free port of the loopback.
    static func start(_ script: @escaping Script = Answer.standard) async throws -> RecordingUpstream {
        let record = Record(script)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Reception(record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw HarnessError("the upstream has no port") }
        return RecordingUpstream(record, listener, port)
    }

    private init(_ record: Record, _ listener: any Channel, _ port: Int) {
        self.record = record
        self.listener = listener
        self.port = port
    }

    deinit { listener.close(promise: nil) }

    /// The address to configure as `api_base`, without a path.
    var url: String { "http://127.0.0.1:\(port)" }

    /// Every request so far, in the order of their arrival.
    var requests: [Request] { record.requests }

    /// How often the upstream was called.
    var calls: Int { record.requests.count }

    /// How many open connections have a request whose answer is not complete.
    var answering: Int { record.answering.value }

    /// Sets how requests are answered from now on.
    func answer(_ script: @escaping Script) { record.setScript(script) }

    /// Answers every request from now on with the same answer.
    func answer(with answer: Answer) { record.setScript { _, _ in answer } }

    /// Returns when `count` requests have been received completely.
    func arrival(of count: Int) async throws { try await record.arrival(of: count) }

    /// Refuses new connections from now on.
    func close() async throws { try await listener.close() }

    /// Decides how a request is answered. `number` counts requests from 1.
    typealias Script = @Sendable (_ request: Request, _ number: Int) -> Answer

    /// A request as it was received.
    struct Request: Sendable {
        let method: String
        let uri: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        /// The value of a header, whose name is compared ignoring case. It is nil where the header was not sent.
        subscript(name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var json: JSON { JSON(body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }
}

/// The state of an upstream, shared by its connections.
private final class Record: Sendable {
    /// It is in a class, since a closure that passes through a generic function is wrapped once more each time.
    private final class Scene: Sendable {
        let script: RecordingUpstream.Script

        init(_ script: @escaping RecordingUpstream.Script) { self.script = script }
    }

    private let scene: Mutex<Scene>
    private let received = Observed<[RecordingUpstream.Request]>([])
    let answering = Observed(0)

    init(_ script: @escaping RecordingUpstream.Script) { scene = Mutex(Scene(script)) }

    var requests: [RecordingUpstream.Request] { received.value }

    func setScript(_ new: @escaping RecordingUpstream.Script) { scene.withLock { $0 = Scene(new) } }

    func take(_ request: RecordingUpstream.Request) -> Answer {
        let number = received.update {
            $0.append(request)
            return $0.count
        }
        return scene.withLock { $0 }.script(request, number)
    }

    func arrival(of count: Int) async throws { _ = try await received.first { $0.count >= count } }
}

/// One connection of the upstream, which collects a request, records it, and plays its answer.
private final class Reception: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let record: Record
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isAnswering = false

    init(_ record: Record) { self.record = record }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer):
            body += buffer.readableBytesView
        case .end:
            guard let head else { return }
            let answer = record.take(
                RecordingUpstream.Request(
                    method: head.method.rawValue,
                    uri: head.uri,
                    headers: Array(head.headers),
                    body: body
                )
            )
            setAnswering(true)
            answer.play(on: context.channel, isHead: head.method == .HEAD)
        }
    }

    /// This notices the end of an answer.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { setAnswering(false) }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        setAnswering(false)
        context.fireChannelInactive()
    }

    private func setAnswering(_ now: Bool) {
        guard now != isAnswering else { return }
        isAnswering = now
        record.answering.update { $0 += now ? 1 : -1 }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
