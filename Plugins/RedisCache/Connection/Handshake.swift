import PluginKit

/// The progress of a new connection: TCP, then TLS where it is configured, then the log-in, and then commands. It has
/// no socket.
struct Handshake {
    enum State {
        /// TCP is not connected yet.
        case connecting
        /// The transport prepares itself, which includes the negotiation of TLS.
        case securing
        /// The first commands or some of their replies are in flight.
        case loggingIn(Login)
        /// Commands may be sent.
        case done
    }

    private(set) var state = State.connecting
    private let usesTLS: Bool

    init(usesTLS: Bool) { self.usesTLS = usesTLS }

    /// Whether the transport can write and read bytes.
    var isSecured: Bool {
        switch state {
        case .connecting, .securing: false
        case .loggingIn, .done: true
        }
    }

    /// The expected form of the next reply to the log-in. It is nil where the next reply does not belong to the log-in.
    var expectedReply: ExpectedReply? {
        if case .loggingIn(let login) = state { login.expectedReply } else { nil }
    }

    /// TCP is connected.
    mutating func connected() { state = .securing }

    /// The transport is ready.
    /// - Parameter login: the commands to send now.
    mutating func secured(_ login: Login) { state = .loggingIn(login) }

    /// Handles a reply to the log-in, which the caller still owns.
    /// - Parameter server: the name of the server in messages.
    /// - Returns: nil where no log-in is in progress, so that the reply belongs to a command.
    mutating func receive(_ reply: Reply, from server: RedisEndpoint) -> Login.Progress? {
        guard case .loggingIn(var login) = state else { return nil }
        let progress = login.receive(reply, from: server)
        if case .done = progress { state = .done } else { state = .loggingIn(login) }
        return progress
    }

    /// The probable cause where a connection is accepted but not answered sensibly, for the end of a message. It is
    /// empty where nothing is suspected.
    var suspicion: String {
        switch state {
        case .connecting, .done: ""
        case .securing, .loggingIn:
            if !usesTLS {
                "; if the server wants TLS, set 'ssl: true'"
            } else if !isSecured {
                "; if the server does not speak TLS on this port, set 'ssl: false'"
            } else {
                "; if the server asks for a certificate, give 'ssl_certfile'"
            }
        }
    }
}
