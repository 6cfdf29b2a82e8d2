import PluginKit

/// The first commands of a connection, which are sent together, and the meaning of their replies.
struct Login {
    /// The required kind of server.
    enum Purpose: Equatable {
        /// A server that holds entries.
        case data
        /// A server that a sentinel named as the master, which may be out of date.
        case master
        case sentinel
    }

    enum Progress: Equatable {
        /// Further replies are expected.
        case more
        /// Commands may be sent. The warning describes a problem that does not prevent this.
        case done(warning: String?)
        case failed(BackendFailure)
    }

    /// One command of the log-in.
    enum Step: Equatable {
        case authenticate, name, select, role, ping
    }

    private let username: String?
    private let password: String?
    private let clientName: String?
    private let database: Int
    /// The commands that were not answered yet, in order.
    private(set) var steps: [Step] = []
    private var warning: String?

    init(_ settings: RedisSettings, _ purpose: Purpose) {
        if case .sentinels(_, _, let sentinelPassword) = settings.deployment, purpose == .sentinel {
            username = nil
            password = sentinelPassword
        } else {
            username = settings.username
            password = settings.password
        }
        clientName = settings.clientName
        database = purpose == .sentinel ? 0 : settings.database
        if username != nil || password != nil { steps.append(.authenticate) }
        if clientName != nil { steps.append(.name) }
        if database != 0 { steps.append(.select) }
        if purpose == .master { steps.append(.role) }
        steps.append(.ping)
    }

    /// Appends all commands.
    func encode(into output: inout OutputBuffer) {
        for step in steps {
            switch step {
            case .authenticate:
                output.command(username == nil ? 2 : 3)
                output.argument("AUTH" as StaticString)
                if let username { output.argument(username) }
                output.argument(password ?? "")
            case .name:
                output.command(3)
                output.argument("CLIENT" as StaticString)
                output.argument("SETNAME" as StaticString)
                output.argument(clientName ?? "")
            case .select:
                output.command(2)
                output.argument("SELECT" as StaticString)
                output.argument(UInt64(clamping: database))
            case .role:
                output.command(1)
                output.argument("ROLE" as StaticString)
            case .ping:
                output.command(1)
                output.argument("PING" as StaticString)
            }
        }
    }

    /// The expected form of the next reply. A master names all of its replicas in its reply to ROLE.
    var expectedReply: ExpectedReply { steps.first == .role ? .listing : .short }

    /// Handles the next reply, which the caller still owns.
    /// - Parameter server: the name of the server in messages.
    mutating func receive(_ reply: Reply, from server: RedisEndpoint) -> Progress {
        guard let step = steps.first else { return .failed(BackendFailure(.badAnswer, "\(server) answered too often")) }
        steps.removeFirst()
        if reply.kind == .error {
            if let failure = failure(step, reply.message, server) { return .failed(failure) }
        } else if step == .role, reply[0]?.says("master") != true {
            return .failed(BackendFailure(.unavailable, "\(server) is no master, although the sentinels say so"))
        }
        return steps.isEmpty ? .done(warning: warning) : .more
    }

    private mutating func failure(_ step: Step, _ text: String, _ server: RedisEndpoint) -> BackendFailure? {
        let error = ServerError(text, asked: nil)
        switch (step, error) {
        case (.authenticate, .unknownCommand):
            // The server's text would repeat the arguments, which include the password.
            return BackendFailure(.unauthorized, "\(server) knows no log-in; leave out 'username' and 'password'")
        case (.authenticate, _):
            return BackendFailure(
                .unauthorized,
                "\(server) refuses the log-in: \(text); check 'username' and 'password'"
            )
        case (.name, .unauthorized) where text.hasPrefix("NOPERM"), (.name, .other), (.name, .unknownCommand):
            warning = "\(server) does not take 'client_name': \(text)"
            return nil
        case (.select, .other):
            return BackendFailure(.badConfiguration, "\(server) has no database \(database): \(text); check 'db'")
        case (.ping, .unauthorized) where text.hasPrefix("NOPERM"): return nil
        case (_, .unauthorized):
            let mend = password == nil ? "set 'password'" : "check 'username' and what the user may do"
            return BackendFailure(.unauthorized, "\(server) wants a log-in: \(text); \(mend)")
        case (_, .notReady):
            return BackendFailure(.unavailable, "\(server) is not ready: \(text)")
        default:
            return BackendFailure(error.status, "\(server) answered: \(text)")
        }
    }
}
