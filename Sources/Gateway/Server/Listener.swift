import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A channel that accepts connections, and the event loops behind it.
struct Listener: Sendable {
    private let channel: any Channel

    /// Accepts the connections of a socket. Each stays on the loop to which it is assigned.
    ///
    /// - Parameters:
    ///   - socket: the descriptor of a socket that listens. The listener closes it.
    ///   - isInternet: whether the connections are of TCP.
    ///   - scope: what the listener is for.
    ///   - tls: the certificates. It is nil where the connections are plain.
    ///   - backlog: how many connections may wait to be accepted.
    ///   - loops: one for each loop of `group`.
    ///   - resources: the shared resources, which are notified of every connection.
    init(
        _ socket: Int32,
        isInternet: Bool,
        scope: ListenerScope,
        tls: ListenerTLS?,
        backlog: Int32,
        group: any EventLoopGroup,
        loops: ServerLoops,
        resources: ServerResources
    ) throws {
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(connections: resources.connections, log: resources.log)
                    )
                }
            }
            .serverChannelOption(.maxMessagesPerRead, value: AcceptGate.burst)
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
                    if let tls {
                        guard let context = tls.context else { throw ListenerTLS.Refusal() }
                        try channel.pipeline.syncOperations.addHandlers(
                            NIOSSLServerHandler(context: context),
                            HandshakeLog(resources.limitedLog)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(Connection(loop: loop, scope: scope))
                }
            }
        if isInternet { bootstrap = bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1) }
        channel = try bootstrap.withBoundSocket(socket).wait()
        // The channel has set a backlog of its own.
        listen(socket, backlog)
    }

    /// [no event loop] Accepts nothing more. Connections that were accepted are served.
    func stopAccepting() throws {
        try channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: AcceptGate.self).close(channel)
        }.wait()
    }

    /// [no event loop] Closes the socket. Call `stopAccepting` first, and let each event loop run what that left to do.
    func close() { try? channel.close().wait() }
}
