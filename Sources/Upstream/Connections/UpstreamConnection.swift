import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// A connection to a server, which serves one client at a time.
///
/// It keeps reading while it is unused, so that it notices when the server closes it before the next request is sent.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let route: UpstreamRoute
    private let edge = ConnectionEdge()
    private var reader: AnswerReader?
    private var state = UpstreamConnectionState()
    private var failure: UpstreamError?
    private var context: ChannelHandlerContext?
    private var client: (any ConnectionClient)?
    /// The pool and the place in which the connection is kept between requests.
    private var home: (pool: ConnectionPool, place: ConnectionPool.Place)?

    private init(route: UpstreamRoute) {
        self.route = route
    }

    /// Makes the connection of a new channel, on its loop.
    static func install(
        on channel: any Channel,
        route: UpstreamRoute,
        tls: NIOSSLContext?,
        configuration: UpstreamConfiguration
    ) throws {
        let connection = UpstreamConnection(route: route)
        connection.edge.connection = connection
        let pipeline = channel.pipeline.syncOperations
        if let proxy = route.tunnelProxy { try pipeline.addHandler(ProxyTunnel(route: route, proxy: proxy)) }
        if let tls {
            let name = IPAddress(route.host) == nil ? route.host : nil
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maxResponseHeadBytes
        limits.maxHeaderListSize = configuration.maxResponseHeadBytes
        limits.maxHeaderFieldCount = configuration.maxResponseFields
        let reader = AnswerReader(receiver: connection, limits: limits)
        connection.reader = reader
        try pipeline.addHandlers([connection.edge, reader, connection])
    }

    // MARK: Requests from clients

    /// Gives a new connection to the client that requested it. The client is notified when the connection is ready, or
    /// why it has failed.
    func serve(_ client: any ConnectionClient, keptBy pool: ConnectionPool, in place: ConnectionPool.Place) {
        home = (pool, place)
        self.client = client
        switch state.stage {
        case .idle: client.connectionIsReady(self)
        case .closed: fail(failure ?? closedEarly)
        case .connecting, .waiting, .answering, .answered: break
        }
    }

    /// Sends a request, followed by its body where that is apart. The connection must be ready or come from the pool.
    ///
    /// - Parameters:
    ///   - isWhole: whether that is the whole body. If not, the client is told when to send more of it.
    ///   - isHead: whether the method is HEAD, so that the answer has no body.
    func send(
        _ request: ByteBuffer,
        _ body: [ByteBuffer]? = nil,
        isWhole: Bool = true,
        isHead: Bool = false,
        for client: any ConnectionClient
    ) {
        self.client = client
        guard let context, state.begin() else {
            fail(failure ?? closedEarly, isStale: true)
            return
        }
        reader?.requestWasSent(isHead: isHead, context)
        edge.send(request, body, isWhole: isWhole)
    }

    /// Sends a further part of the body.
    ///
    /// - Parameter isLast: whether it is the end of the body.
    func send(body: [ByteBuffer], isLast: Bool = false) {
        edge.send(body: body, isLast: isLast)
    }

    /// The server takes more of the body, or none for the time being.
    func takesBody(_ takesBody: Bool) { client?.takesBody(takesBody) }

    /// The client does not want the rest of the answer. If the rest has been received already, the connection can be
    /// reused.
    func abandon() {
        client = nil
        edge.resumeReading()
        state.abandon()
    }

    func close() {
        client = nil
        context?.close(promise: nil)
    }

    func pauseReading() { edge.pauseReading() }

    func resumeReading() { edge.resumeReading() }

    /// Whether an end of the connection is stale: see `UpstreamConnectionState.isStale`.
    var isStale: Bool { state.isStale }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.reader = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if route.scheme == .http { becomeReady() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent {
            if let negotiated, negotiated != "http/1.1" {
                errorCaught(
                    context: context,
                    error: UpstreamError(.tlsFailed, "\(route.name) does not speak HTTP/1.1 over TLS")
                )
                return
            }
            if route.trust != .anybody, let refusal = refusalOfCertificate(context) {
                return errorCaught(context: context, error: refusal)
            }
            becomeReady()
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Why the server's certificate is refused. It is nil where the certificate is for the host.
    private func refusalOfCertificate(_ context: ChannelHandlerContext) -> UpstreamError? {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let names = certificate.map(CertificateNames.init), !names.isEmpty else {
            return UpstreamError(
                .tlsFailed,
                "TLS with \(route.name) failed: its certificate has no subject alternative name, and a common name "
                    + "alone is not enough"
            )
        }
        guard names.include(host: route.host) else {
            return UpstreamError(
                .tlsFailed,
                "TLS with \(route.name) failed: none of the subject alternative names of its certificate is "
                    + "'\(route.host)'"
            )
        }
        return nil
    }

    private func becomeReady() {
        state.becameReady()
        client?.connectionIsReady(self)
    }

    /// Bytes have been received: see `UpstreamConnectionState.bytesArrived`.
    func bytesArrived() -> Bool { state.bytesArrived() }

    func channelReadComplete(context: ChannelHandlerContext) {
        client?.readCompleted()
        switch state.readCompleted() {
        case .nothing: break
        case .keep:
            if let home { home.pool.keep(self, in: home.place) } else { close() }
        case .close: close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Once an answer is complete, it does not matter how the connection ends.
        let isHandshake = state.stage == .connecting
        if failure == nil { failure = ConnectionFailure.describe(error, route: route, isHandshake: isHandshake) }
        context.close(promise: nil)
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        let isStale = state.isStale
        guard let stage = state.closed() else { return }
        if stage == .idle, client == nil, let home { home.pool.forget(self, in: home.place) }
        fail(failure ?? closedEarly, isStale: isStale)
    }

    private func fail(_ error: UpstreamError, isStale: Bool = false) {
        let client = self.client
        self.client = nil
        client?.connectionFailed(error, isStale: isStale)
    }

    private var closedEarly: UpstreamError {
        UpstreamError(.closedEarly, "\(route.name) closed the connection before its answer was whole")
    }
}

extension UpstreamConnection: AnswerReceiver {
    func receive(_ part: AnswerPart) {
        switch part {
        case .head(let head, let keepsAlive):
            guard (200..<1000).contains(head.status), state.headArrived(keepsAlive: keepsAlive) else {
                guard let context else { return }
                errorCaught(
                    context: context,
                    error: UpstreamError(.protocolViolation, "\(route.name) sent an answer that nobody asked for")
                )
                return
            }
            client?.headArrived(head)
        case .body(let bytes):
            client?.bodyArrived(bytes)
        case .end:
            state.endArrived(isRequestSent: edge.hasSentAll && edge.isWritable)
            edge.resumeReading()
            let client = self.client
            self.client = nil
            client?.endArrived()
        }
    }
}
