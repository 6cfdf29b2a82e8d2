import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A server that does to each connection exactly what a script says, byte by byte.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        /// Waits until one whole request (head and content-length body) has been received.
        case receive
        /// Waits for a CONNECT, opens the tunnel, and continues as if it were the server itself.
        case tunnel(String)
        case send(String)
        /// Sends one byte for each write and flush.
        case sendByteByByte(String)
        case close
        /// Closes the connection such that the other side sees a reset.
        case reset
        /// Does nothing more until the connection ends.
        case hang
        /// Waits until the test opens the gate.
        case wait(Gate)
    }

    /// A gate that the test opens.
    final class Gate: Sendable {
        let promise: EventLoopPromise<Void>
        init() { promise = MultiThreadedEventLoopGroup.singleton.any().makePromise() }
        func open() { promise.succeed() }
    }

    struct Log {
        var connections = 0
        var requests: [String] = []
        var closed = 0
        var serverNames: [String] = []
        var waiters: [(condition: @Sendable (Log) -> Bool, promise: EventLoopPromise<Void>)] = []
    }

    private let channel: any Channel
    private let shared: SharedLog

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [String] { seen.requests }
    var connections: Int { seen.connections }
    var serverNames: [String] { seen.serverNames }

    /// - Parameter scripts: one for each connection. The last one serves all further connections.
    static func start(_ scripts: [Step]..., tls: TLSConfiguration? = nil, tunnel: Bool = false) async throws
        -> ScriptedServer
    {
        let shared = SharedLog()
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = shared.connected()
                    let script = scripts[min(number, scripts.count - 1)]
                    if let context, !tunnel {
                        try channel.pipeline.syncOperations.addHandlers(shared.tlsHandlers(context, on: channel))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptPlayer(script: script, shared: shared, tls: tunnel ? context : nil)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(channel: channel, shared: shared)
    }

    private init(channel: any Channel, shared: SharedLog) {
        self.channel = channel
        self.shared = shared
    }

    func stop() async throws { try await channel.close().get() }

    /// Waits until the log satisfies a condition.
    func until(_ condition: @escaping @Sendable (Log) -> Bool) async throws {
        try await shared.until(condition).get()
    }

    var seen: Log { shared.log.withLock { $0 } }
}

final class SharedLog: Sendable {
    let log = Mutex(ScriptedServer.Log())

    /// Handlers for TLS, and before it one that reads which server is requested.
    func tlsHandlers(_ context: NIOSSLContext, on channel: any Channel) -> [any ChannelHandler] {
        let names = ByteToMessageHandler(
            SNIHandler { result in
                if case .hostname(let name) = result { self.update { $0.serverNames.append(name) } }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        )
        return [names, NIOSSLServerHandler(context: context)]
    }

    func connected() -> Int {
        update {
            $0.connections += 1
            return $0.connections - 1
        }
    }

    @discardableResult
    func update<T: Sendable>(_ body: (inout ScriptedServer.Log) -> T) -> T {
        let (result, ready) = log.withLock { log in
            let result = body(&log)
            let seen = log
            log.waiters.removeAll { $0.condition(seen) }
            return (result, seen.waiters.filter { $0.condition(seen) }.map(\.promise))
        }
        for promise in ready { promise.succeed() }
        return result
    }

    func until(_ condition: @escaping @Sendable (ScriptedServer.Log) -> Bool) -> EventLoopFuture<Void> {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        update { $0.waiters.append((condition, promise)) }
        return promise.futureResult
    }
}
