import ArgumentParser
import Glibc
import NIOCore
import Text

/// Where a gateway will listen: what the command line, the environment and whoever started the process say together.
struct ListenPlan {
    /// One place to listen at.
    struct Entry {
        let address: ListenAddress
        let scope: ListenerScope
        /// The socket, where the process was started with it.
        let socket: ListeningSocket?

        /// Whether it is a Unix socket.
        var isUnix: Bool {
            if case .unix = address.place { return true }
            return socket?.kind == .unix
        }
    }

    let entries: [Entry]
    /// Whether other gateways may listen at the same places.
    let isShared: Bool

    /// - Throws: `CannotServe` for what does not go together, in one line.
    init(_ options: ListeningOptions, _ environment: ListenEnvironment, _ passed: PassedSockets) throws {
        var unused = passed.sockets
        isShared = options.reusePort
        let scope: ListenerScope = options.adminListen.isEmpty ? .everything : .clients
        let administration = try options.adminListen.flatMap {
            try Self.entries($0, .administration, passed, &unused)
        }
        var entries = try options.listen.flatMap { try Self.entries($0, scope, passed, &unused) }
        if options.listen.isEmpty, !unused.isEmpty {
            guard options.host == nil, options.port == nil else {
                throw CannotServe(
                    "--host and --port cannot be used with \(Self.sockets(unused.count)) that the gateway was started with "
                        + "(LISTEN_FDS), whose clients would wait for ever; leave them out, or add --listen fd://3"
                )
            }
            entries = try unused.map { try Self.entry($0.descriptor, ListenAddress(.descriptor($0.descriptor)), scope) }
            unused = []
        } else if options.listen.isEmpty {
            entries = [Entry(address: try Self.usual(options, environment), scope: scope, socket: nil)]
        }
        guard unused.isEmpty else {
            let list = unused.map { $0.name.isEmpty ? "fd://\($0.descriptor)" : "fd://\($0.name.quotable)" }
            throw CannotServe(
                "\(Self.sockets(unused.count)) that the gateway was started with (LISTEN_FDS) would have no listener, and "
                    + "clients would wait for ever; add --listen \(list.joined(separator: " --listen "))"
            )
        }
        self.entries = entries + administration
        try requireDistinctSockets()
    }

    // MARK: --host and --port

    /// The address of `--host` and `--port`, or of the environment, or the usual one.
    private static func usual(_ options: ListeningOptions, _ environment: ListenEnvironment) throws -> ListenAddress {
        var port = options.port ?? 8000
        if options.port == nil, let text = environment.port, !text.isEmpty {
            guard let number = Int(text), (0...65_535).contains(number) else {
                throw CannotServe(
                    "PORT in the environment is '\(text.quotable)', which is not a port; use 0 to 65535",
                    code: .wrongConfiguration
                )
            }
            port = number
        }
        let host = options.host ?? environment.host.flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1"
        return ListenAddress(.internet(host: host, port: port))
    }

    // MARK: Sockets of the process

    private static func entries(
        _ address: ListenAddress,
        _ scope: ListenerScope,
        _ passed: PassedSockets,
        _ unused: inout [PassedSockets.Socket]
    ) throws -> [Entry] {
        switch address.place {
        case .internet, .unix: return [Entry(address: address, scope: scope, socket: nil)]
        case .descriptor(let descriptor):
            unused.removeAll { $0.descriptor == descriptor }
            return [try entry(descriptor, address, scope)]
        case .named(let name):
            let found = passed.sockets.filter { $0.name.utf8.elementsEqual(name.utf8) }
            guard !found.isEmpty else {
                let names = passed.sockets.map(\.name).filter { !$0.isEmpty }
                let those =
                    names.isEmpty
                    ? "it was started with none that has a name"
                    : "there are: \(names.joined(separator: ", ").quotable)"
                throw CannotServe(
                    "no socket named '\(name.quotable)' was given to the gateway (LISTEN_FDNAMES); \(those)"
                )
            }
            unused.removeAll { socket in found.contains { $0.descriptor == socket.descriptor } }
            return try found.map { try entry($0.descriptor, address, scope) }
        }
    }

    private static func entry(
        _ descriptor: Int32,
        _ address: ListenAddress,
        _ scope: ListenerScope
    ) throws -> Entry {
        do {
            return Entry(address: address, scope: scope, socket: try ListeningSocket(passed: descriptor))
        } catch {
            throw CannotServe("cannot listen on descriptor \(descriptor) (\(address)): \(error)")
        }
    }

    private func requireDistinctSockets() throws {
        var seen: [Int32] = []
        for descriptor in entries.compactMap(\.socket?.descriptor) {
            guard !seen.contains(descriptor) else {
                throw CannotServe("descriptor \(descriptor) is named by two addresses to listen on; name it once")
            }
            seen.append(descriptor)
        }
    }

    private static func sockets(_ count: Int) -> String { count == 1 ? "a socket" : "\(count) sockets" }

    // MARK: Who reaches it

    /// The first place that clients of other machines reach. It is nil where none do.
    var firstOpenPlace: String? {
        entries.first { entry in
            if let socket = entry.socket { return !socket.isLocal }
            guard case .internet(let host, _) = entry.address.place else { return false }
            return !Self.isLoopback(host)
        }.map { $0.socket?.name ?? "\($0.address)" }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host.utf8.elementsEqual("localhost".utf8) { return true }
        return (try? SocketAddress(ipAddress: host, port: 0))?.isLoopback ?? false
    }
}
