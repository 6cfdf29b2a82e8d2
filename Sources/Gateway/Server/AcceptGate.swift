import Glibc
import Logging
import NIOCore

/// Decides when the listener accepts. It does not accept while so many connections are open, including those over the
/// limits, that further ones would take the descriptors of the calls to models. When the system has no descriptor or
/// memory for another connection, it accepts only at intervals, so that the loop does not spin. It logs once when that
/// begins and once when it is over. Connections that are not accepted wait in the system's queue.
///
/// It is bound to the listener's event loop.
final class AcceptGate: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// How many connections are accepted before the gate decides again.
    static let burst: UInt = 16

    private let connections: OpenConnections
    private let log: Logger
    private var shortage = Outage()
    private var isResting = false
    private var isClosed = false

    init(connections: OpenConnections, log: Logger) {
        self.connections = connections
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if shortage.isOn, case .ended(let failures, let lasted) = shortage.succeeded(now: .now()) {
            let seconds = lasted.nanoseconds / 1_000_000_000
            log.notice(
                "connections are accepted again; accepting was tried \(failures) times in vain within \(seconds) s"
            )
        }
        connections.accepted(unwrapInboundIn(data))
        if !connections.hasRoom { rest(context.channel, for: .milliseconds(10)) }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        switch error.errnoCode {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            if shortage.failed(now: .now()) == .began {
                log.error(
                    "no connection can be accepted: \(String(cString: strerror(error.errnoCode)).lowercased()); raise the limit of open files (ulimit -n), or lower max_connections"
                )
            }
            rest(context.channel, for: .milliseconds(100))
        // The client has closed the connection already.
        case ECONNABORTED: break
        default: context.fireErrorCaught(error)
        }
    }

    /// Accepts nothing more.
    func close(_ channel: any Channel) throws {
        isClosed = true
        try channel.syncOptions?.setOption(.autoRead, value: false)
    }

    /// Switching reading off is the only way to keep the loop from watching the listener.
    private func rest(_ channel: any Channel, for pause: TimeAmount) {
        guard !isResting, let options = channel.syncOptions else { return }
        isResting = true
        try? options.setOption(.autoRead, value: false)
        goOn(channel, after: pause)
    }

    private func goOn(_ channel: any Channel, after pause: TimeAmount) {
        channel.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            guard !self.isClosed else { return }
            guard self.connections.hasRoom else { return self.goOn(channel, after: pause) }
            self.isResting = false
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
