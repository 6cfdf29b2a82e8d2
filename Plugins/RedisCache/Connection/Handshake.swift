import PluginKit

/// How far a new connection has come: TCP, then TLS where it is wanted, then the log-in, and then commands. A value
/// that knows no socket.
struct Handshake {
    enum State {
        /// TCP is not connected yet.
        case connecting
        /// The transport prepares itself, which is where TLS is negotiated.
        case securing
        /// The first commands are on their way, or some of their replies.
        case loggingIn(Login)
        /// Commands may be sent.
        case done
    }

    private(set) var state = State.connecting
    private let usesTLS: Bool

    init(usesTLS: Bool) { self.usesTLS = usesTLS }

    /// Whether the transport takes and gives bytes.
    var isSecured: Bool {
        switch state {
        case .connecting, .securing: false
        case .loggingIn, .done: true
        }
    }

    /// What the next reply to the log-in may be; nil where the next reply is not one.
    var expectedReply: ExpectedReply? {
        if case .loggingIn(let login) = state { login.expectedReply } else { nil }
    }

    /// TCP is connected.
    mutating func connected() { state = .securing }

    /// The transport is ready.
    /// - Parameter login: what is to be sent now.
    mutating func secured(_ login: Login) { state = .loggingIn(login) }

    /// Takes a reply to the log-in, which stays the caller's.
    /// - Parameter server: for messages.
    /// - Returns: nil where no log-in is under way, so that the reply is a command's.
    mutating func receive(_ reply: Reply, from server: RedisEndpoint) -> Login.Progress? {
        guard case .loggingIn(var login) = state else { return nil }
        let progress = login.receive(reply, from: server)
        if case .done = progress { state = .done } else { state = .loggingIn(login) }
        return progress
    }

    /// What may be behind a connection that is made and then says nothing sensible, for the end of a message; empty
    /// where there is nothing to suspect.
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
