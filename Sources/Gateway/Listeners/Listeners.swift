import Glibc
import Logging
import NIOCore

/// The places at which a serving gateway accepts connections.
///
/// They are opened, and closed in this order, by the main thread: clients of this machine no longer find the sockets'
/// files; nothing connects any more where another gateway listens too; what waits is accepted; the sockets are closed.
struct Listeners: Sendable {
    private struct Member: Sendable {
        let socket: ListeningSocket
        let listener: Listener
        /// For the log.
        let name: String
    }

    private var members: [Member] = []
    private let isShared: Bool
    private let log: Logger

    /// How long connections that have begun may take to be established, where another gateway takes over: a round trip to
    /// a client that is far away.
    private static let handshake: useconds_t = 300_000
    /// How long connections that wait may take to be accepted, in milliseconds.
    private static let patience = 1_000

    /// Opens all of them.
    ///
    /// - Throws: `CannotServe` where one cannot be opened, in one line.
    init(
        _ plan: ListenPlan,
        tls: ListenerTLS,
        group: any EventLoopGroup,
        loops: ServerLoops,
        resources: ServerResources
    ) throws {
        isShared = plan.isShared
        log = resources.log
        for entry in plan.entries {
            let speaksTLS = try Self.speaksTLS(entry, tls)
            let socket = try entry.socket ?? Self.open(entry.address, isShared: isShared)
            let listener = try Listener(
                socket.descriptor,
                isInternet: socket.kind == .internet,
                scope: entry.scope,
                tls: speaksTLS ? tls : nil,
                backlog: socket.backlog,
                group: group,
                loops: loops,
                resources: resources
            )
            let purpose = entry.scope == .administration ? " for administration" : ""
            let name = socket.url(isSecure: speaksTLS) + purpose
            members.append(Member(socket: socket, listener: listener, name: name))
        }
    }

    /// Logs where connections are accepted.
    func announce() {
        for member in members { log.notice("listening on \(member.name)") }
    }

    private static func speaksTLS(_ entry: ListenPlan.Entry, _ tls: ListenerTLS) throws -> Bool {
        switch entry.address.scheme {
        case .http: return false
        case .https:
            guard tls.context != nil else {
                throw CannotServe(
                    "cannot listen on \(entry.address) without a certificate; set general_settings.tls_certificate and tls_key",
                    code: .wrongConfiguration
                )
            }
            return true
        case .byConfiguration: return tls.context != nil && !entry.isUnix
        }
    }

    private static func open(_ address: ListenAddress, isShared: Bool) throws -> ListeningSocket {
        do throws(ListeningSocket.Failure) {
            switch address.place {
            case .internet(let host, let port):
                return try ListeningSocket(host: host, port: port, isShared: isShared)
            case .unix(let path, let mode): return try ListeningSocket(path: path, mode: mode, takesOver: isShared)
            case .descriptor(let descriptor): return try ListeningSocket(passed: descriptor)
            case .named: throw ListeningSocket.Failure("it was not given to the gateway")
            }
        } catch {
            let remedy =
                error.isInUse
                ? "choose another with --listen, or --host and --port; with --reuse-port, given to both, a gateway takes over "
                    + "from another"
                : "choose another with --listen, or --host and --port"
            throw CannotServe("cannot listen on \(address): \(error); \(remedy).")
        }
    }

    // MARK: The end

    /// [main thread] Stops accepting, and closes the sockets. Every connection that was established is served, unless so
    /// many are open that one waits for longer than a second.
    func close(on loops: ServerLoops) {
        for member in members { member.socket.file?.remove() }
        let own = members.map(\.socket).filter { !$0.isPassed }
        let shared = own.filter { isShared && $0.kind == .internet }
        for socket in shared { socket.refuseSilently() }
        if !shared.isEmpty { usleep(Self.handshake) }
        for _ in 0..<Self.patience where own.contains(where: \.hasWaiting) { usleep(1_000) }
        for member in members { try? member.listener.stopAccepting() }
        // What was accepted goes from the listener's loop to its own and back, twice, until it is served.
        for _ in 0..<4 { _ = try? loops.onEach { _ in } }
        for member in members { member.listener.close() }
    }
}
