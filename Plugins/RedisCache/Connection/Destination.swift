import PluginKit

/// The destination of a connection: a server, and those of its addresses that were not tried yet.
struct Destination {
    /// How the addresses of the server are found.
    enum Resolution {
        case known([SocketAddress])
        /// A name server must be queried.
        case name(host: String, port: UInt16)
        case impossible(BackendFailure)
    }

    /// The server. It is nil where it is not known yet.
    var endpoint: RedisEndpoint?
    private var addresses: ArraySlice<SocketAddress> = []

    /// The name of the server in messages.
    var name: String { endpoint?.description ?? "the server" }

    /// How the addresses are found. This queries no name server.
    var resolution: Resolution {
        switch endpoint {
        case nil: return .impossible(BackendFailure(.unavailable, "there is no server to connect to"))
        case .unix(let path)?:
            guard let address = SocketAddress(path: path) else {
                return .impossible(BackendFailure(.unavailable, "the path of the socket \(path) is too long"))
            }
            return .known([address])
        case .tcp(let host, let port)?:
            if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, isNumeric: true) {
                return .known(addresses)
            }
            return .name(host: host, port: port)
        }
    }

    /// Replaces the addresses that are to be tried.
    mutating func setAddresses(_ addresses: [SocketAddress]) { self.addresses = addresses[...] }

    /// Whether there are addresses that were not tried.
    var hasMoreAddresses: Bool { !addresses.isEmpty }

    /// Removes and returns the next address to try.
    mutating func nextAddress() -> SocketAddress? { addresses.popFirst() }
}
