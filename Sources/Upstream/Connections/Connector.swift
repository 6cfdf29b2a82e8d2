import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections, on one event loop.
struct Connector {
    let eventLoop: any EventLoop
    let configuration: UpstreamConfiguration

    /// Calls `completion` on the loop with a connection that is open, or will be once its TLS handshake is done.
    func connect(_ route: UpstreamRoute, completion: @escaping (Result<UpstreamConnection, UpstreamError>) -> Void) {
        let future: EventLoopFuture<any Channel>
        do throws(UpstreamError) {
            future = try start(route)
        } catch {
            // The completion must not be called before this method has returned.
            eventLoop.assumeIsolated().execute { completion(.failure(error)) }
            return
        }
        future.assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                completion(.failure(ConnectionFailure.connectFailed(error, route: route)))
            case .success(let channel):
                do {
                    completion(.success(try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self)))
                } catch {
                    channel.close(promise: nil)
                    completion(.failure(ConnectionFailure.connectFailed(error, route: route)))
                }
            }
        }
    }

    private func start(_ route: UpstreamRoute) throws(UpstreamError) -> EventLoopFuture<any Channel> {
        let tls = route.scheme == .https ? try configuration.tls.context(for: route.trust) : nil
        let configuration = self.configuration
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 8_192, maximum: 32_768)
            )
            // Reading can stop only between two reads, so that at most one buffer waits for a client that does not keep
            // up.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try UpstreamConnection.install(on: channel, route: route, tls: tls, configuration: configuration)
                }
            }
        let (host, port) = route.proxy.map { ($0.host, $0.port) } ?? (route.host, route.port)
        // An address needs no resolver, which would use another thread.
        if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: host, port: port)
    }
}
