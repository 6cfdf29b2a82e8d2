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
    /// - Parameter workers: one per loop of `group`.
    static func bind(host: String, port: Int, group: any EventLoopGroup, workers: WorkerTable) throws -> Listener {
        let channel = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // The system has buffers enough: little is queued here for a client that does not read.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 32 * 1024))
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 4_096, maximum: 262_144)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let worker = try workers.worker(of: channel.eventLoop)
                    let connection = Connection(worker: worker)
                    let reader = RequestReader(receiver: connection, limits: worker.limits.decoder)
                    try channel.pipeline.syncOperations.addHandlers([reader, connection])
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

    /// Stops every worker: see `Worker.stop`. The future is of any loop; it succeeds once no connection is left.
    func stop(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        let stopped = workers.map { _, worker in
            let promise = worker.eventLoop.makePromise(of: Void.self)
            worker.eventLoop.execute { worker.value.stop { promise.succeed() } }
            return promise.futureResult
        }
        return EventLoopFuture.andAllSucceed(stopped, on: group.next())
    }

    /// Runs `body` with each worker on its own loop.
    func forEach(_ body: @escaping @Sendable (Worker) -> Void) {
        for (_, worker) in workers {
            worker.eventLoop.execute { body(worker.value) }
        }
    }
}
