import Logging
import NIOCore
import NIOPosix

/// The listening socket and the event loops behind it.
struct Listener {
    /// A bound listener.
    let channel: any Channel

    /// Where it listens, with the port that the system chose if it was asked to.
    var address: SocketAddress? { channel.localAddress }

    /// Binds and accepts. Each connection is served by the worker of the loop that it is given to.
    ///
    /// - Parameters:
    ///   - workers: one per loop of `group`.
    ///   - log: is told when no connection can be accepted.
    static func bind(
        host: String,
        port: Int,
        group: any EventLoopGroup,
        workers: WorkerTable,
        connections: OpenConnections,
        log: Logger
    ) throws -> Listener {
        let channel = try ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(connections: connections, log: log))
                }
            }
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.maxMessagesPerRead, value: AcceptGate.burst)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Then the connection decides whether it wants more. With less than two, the buffer that holds the last body
            // is the only one that the channel keeps, and each reading needs a new one.
            .childChannelOption(.maxMessagesPerRead, value: 2)
            // The system has buffers enough: little is queued here for a client that does not read.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 32 * 1024))
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 4_096, maximum: 262_144)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let worker = try workers.worker(of: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(Connection(worker: worker))
                }
            }
            .bind(host: host, port: port)
            .wait()
        return Listener(channel: channel)
    }
}

/// Finds a loop's worker.
struct WorkerTable: Sendable {
    struct NoWorker: Error {}

    // Sendable although a Worker is not: each is reached through its own loop only, which `worker(of:)` checks.
    private let workers: [(loop: ObjectIdentifier, worker: NIOLoopBound<Worker>)]

    init(_ workers: [NIOLoopBound<Worker>]) {
        self.workers = workers.map { (ObjectIdentifier($0.eventLoop), $0) }
    }

    /// [on the loop] The worker of `loop`.
    func worker(of loop: any EventLoop) throws -> Worker {
        let id = ObjectIdentifier(loop)
        for (candidate, worker) in workers where candidate == id { return worker.value }
        throw NoWorker()
    }

    /// Stops every worker: see `Worker.stop`. The future is of any loop; it succeeds once no connection has a request.
    func stop(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        all(on: group) { $0.stop($1) }
    }

    /// Ends what `stop` left: see `Worker.finish`. The future succeeds once no connection is left.
    func finish(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        all(on: group) { $0.finish($1) }
    }

    private func all(
        on group: any EventLoopGroup,
        _ body: @escaping @Sendable (Worker, _ done: @escaping () -> Void) -> Void
    ) -> EventLoopFuture<Void> {
        let done = workers.map { _, worker in
            let promise = worker.eventLoop.makePromise(of: Void.self)
            worker.eventLoop.execute { body(worker.value) { promise.succeed() } }
            return promise.futureResult
        }
        return EventLoopFuture.andAllSucceed(done, on: group.next())
    }

    /// Runs `body` with each worker on its own loop.
    func forEach(_ body: @escaping @Sendable (Worker) -> Void) {
        for (_, worker) in workers {
            worker.eventLoop.execute { body(worker.value) }
        }
    }
}
