/// The address at which a Redis server listens.
enum RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    case tcp(host: String, port: UInt16)
    case unix(path: String)

    static let standardPort: UInt16 = 6379
    static let standardSentinelPort: UInt16 = 26379

    /// The endpoint in messages: `host:port`, `[v6]:port` or a path.
    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// The name that a certificate must have. It is nil where there is no name to check.
    var hostName: String? {
        if case .tcp(let host, _) = self { host } else { nil }
    }
}

extension RedisEndpoint {
    /// The greatest length of a name in the domain name system, in bytes.
    private static let longestHost = 255

    /// A server that another server names. It is nil unless the host is visible ASCII of at most 255 bytes, so that
    /// comparing and hashing it is cheap, and the port is valid.
    init?(reported host: some Collection<UInt8>, port: Int64) {
        guard (1...Self.longestHost).contains(host.count), host.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let port = UInt16(exactly: port), port > 0
        else { return nil }
        self = .tcp(host: String(decoding: host, as: UTF8.self), port: port)
    }

    /// Reads `host`, `host:port` or `[v6]:port`. It is nil for any other text.
    init?(_ text: some StringProtocol, defaultPort: UInt16) {
        var host = text[...]
        var port: UInt16? = defaultPort
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex)..<end]
            if !rest.isEmpty { port = rest.hasPrefix(":") ? UInt16(rest.dropFirst()) : nil }
        } else if let colon = host.lastIndex(of: ":") {
            port = UInt16(host[host.index(after: colon)...])
            host = host[..<colon]
        }
        guard let port, port > 0, !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        self = .tcp(host: String(host), port: port)
    }
}
