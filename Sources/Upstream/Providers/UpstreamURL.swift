/// The http or https URL of a server, which is parsed strictly and has no user information and no fragment (RFC 3986).
struct UpstreamURL: Sendable, Equatable {
    enum Scheme: String, Sendable {
        case http
        case https

        var defaultPort: Int { self == .http ? 80 : 443 }
    }

    var scheme: Scheme
    /// The host in lower case. An IPv6 address has no brackets.
    var host: String
    var port: Int
    /// The path, which begins with a slash and does not end with one, or is empty for the root.
    var path: String
    /// The query without its question mark, or empty where there is none.
    var query: String

    /// The value of the `host` field: `host`, or `host:port` where the port is not the default of the scheme.
    var authority: String { port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)" }

    /// Host and port, as CONNECT names them.
    var hostAndPort: String { "\(bracketedHost):\(port)" }

    var origin: String { "\(scheme.rawValue)://\(authority)" }

    private var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

    init(_ text: String) throws(URLProblem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }) else {
            throw .invalidCharacter
        }
        guard let colon = text.range(of: "://") else { throw .noScheme }
        guard let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased()) else { throw .unsupportedScheme }
        let rest = text[colon.upperBound...]
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw .fragment }
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        guard !authority.utf8.contains(UInt8(ascii: "@")) else { throw .userInformation }
        let (host, port) = try Self.hostAndPort(authority)
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        let target = rest[authorityEnd...]
        let pathEnd = target.firstIndex(of: "?") ?? target.endIndex
        var path = target[..<pathEnd]
        while path.last == "/" { path.removeLast() }
        self.path = String(path)
        self.query = pathEnd < target.endIndex ? String(target[target.index(after: pathEnd)...]) : ""
    }

    /// Bytes that a URL cannot have (RFC 3986 section 2).
    private static let forbidden = Array("\"<>\\^`{|}".utf8)

    static func hostAndPort(_ authority: Substring) throws(URLProblem) -> (host: String, port: Int?) {
        let host: Substring
        let remainder: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw .invalidHost }
            host = authority[authority.index(after: authority.startIndex)..<end]
            remainder = authority[authority.index(after: end)...]
            guard IPAddress(String(host))?.isVersion6 == true else { throw .invalidHost }
        } else {
            let end = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<end]
            remainder = authority[end...]
            guard isName(host) else { throw host.isEmpty ? .noHost : .invalidHost }
        }
        guard !remainder.isEmpty else { return (host.lowercased(), nil) }
        guard remainder.first == ":" else { throw .invalidHost }
        let digits = remainder.dropFirst()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), (1...65535).contains(port)
        else { throw .invalidPort }
        return (host.lowercased(), port)
    }

    private static func isName(_ host: Substring) -> Bool {
        let isLetters = host.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isLetters && !host.isEmpty && host.utf8.count <= 253 && host.first != "." && !host.contains("..")
    }
}

/// What is wrong with a URL.
enum URLProblem: Error, Equatable, CustomStringConvertible {
    case invalidCharacter, noScheme, unsupportedScheme, fragment, userInformation, noHost, invalidHost, invalidPort

    var description: String {
        switch self {
        case .invalidCharacter: "it has a space or another character that a URL cannot have"
        case .noScheme: "it must begin with http:// or https://"
        case .unsupportedScheme: "only http:// and https:// are supported"
        case .fragment: "it must not have a fragment ('#')"
        case .userInformation: "it must not carry a user name or password; use api_key or extra_headers"
        case .noHost: "it names no host"
        case .invalidHost: "its host is not a name or an address"
        case .invalidPort: "its port is not a number from 1 to 65535"
        }
    }
}

extension String {
    /// The first range of `pattern`, which is not empty.
    fileprivate func range(of pattern: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
