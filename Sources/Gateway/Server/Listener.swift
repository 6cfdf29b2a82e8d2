import NIOCore
import NIOPosix

/// The listening socket and the event loops behind it.
struct Listener {
    /// A bound listener.
    let channel: any Channel

    /// The address at which it listens, with the port that the system chose if it was asked to.
    var address: SocketAddress? { channel.localAddress }

    /// Binds and accepts. Each connection stays on the loop to which it is assigned.
    ///
    /// - Parameters:
    ///   - loops: one for each loop of `group`.
    ///   - resources: the shared resources, which are notified of every connection.
    static func bind(
        host: String,
        port: Int,
        group: any EventLoopGroup,
        loops: ServerLoops,
        resources: ServerResources
    ) throws -> Listener {
        let channel = try ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(connections: resources.connections, log: resources.log)
                    )
                }
            }
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.maxMessagesPerRead, value: AcceptGate.burst)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // After two messages the connection decides whether it wants more. With fewer than two, the buffer that
            // holds the last body would be the only one that the channel keeps, and each read would need a new one.
            .childChannelOption(.maxMessagesPerRead, value: 2)
            // The system buffers enough, so that little is queued here for a client that does not read.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 32 * 1024))
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 4_096, maximum: 262_144)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let loop = try loops.loop(of: channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandler(Connection(loop: loop))
                }
            }
            .bind(host: host, port: port)
            .wait()
        return Listener(channel: channel)
    }
}
