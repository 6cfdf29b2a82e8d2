import PluginKit

/// A server's address in the forms of redis-py: `redis://`, `rediss://` (TLS) or `unix://`, `[username][:password]@`,
/// host and port or a path, `/database`, and in the query `db`, `username` and `password`.
///
/// No message repeats any of the text, since it may be a password.
struct RedisURL: Equatable {
    var endpoint: RedisEndpoint
    var usesTLS: Bool
    var username: String?
    var password: String?
    var database: Int?

    init(_ text: String) throws(PluginFailure) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw Self.failure("has no scheme; it begins with redis://, rediss:// or unix://")
        }
        let scheme = text[..<colon].lowercased()
        var rest = text[colon...].dropFirst(3)
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        // The last '@' counts, because passwords often contain unescaped ones and hosts contain none.
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            username = try Self.decoded(parts.first ?? "", "user name")
            if parts.count == 2 { password = try Self.decoded(parts[1], "password") }
        }
        switch scheme {
        case "redis", "rediss":
            usesTLS = scheme == "rediss"
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let authority = rest[..<slash]
            let path = rest[slash...].drop { $0 == "/" }
            let host = authority.isEmpty ? "localhost" : authority.hasPrefix(":") ? "localhost\(authority)" : authority
            guard let endpoint = RedisEndpoint(host, defaultPort: RedisEndpoint.standardPort) else {
                throw Self.failure("names no host and port, as redis://host:6379 does")
            }
            self.endpoint = endpoint
            if !path.isEmpty { database = try Self.database(path) }
        case "unix":
            usesTLS = false
            let path = try Self.decoded(rest, "path")
            guard let path, path.hasPrefix("/") else {
                throw Self.failure("names no socket, as unix:///run/redis.sock does")
            }
            endpoint = .unix(path: path)
        default:
            throw Self.failure("has a scheme that is none of redis://, rediss:// and unix://")
        }
        for item in query.split(separator: "&") { try readQuery(item) }
        if username?.isEmpty == true { username = nil }
        if password?.isEmpty == true { password = nil }
    }

    private mutating func readQuery(_ item: Substring) throws(PluginFailure) {
        let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = pair.count == 2 ? pair[1] : ""
        switch pair.first {
        case "db": database = try Self.database(value)
        case "username": username = try Self.decoded(value, "user name")
        case "password": password = try Self.decoded(value, "password")
        default:
            throw Self.failure("has a query with more than db, username and password; put the rest into cache_params")
        }
    }

    private static func database(_ text: Substring) throws(PluginFailure) -> Int {
        guard let number = UInt16(text) else { throw failure("names a database that is not a number, as /0 is") }
        return Int(number)
    }

    private static func failure(_ reason: String) -> PluginFailure {
        PluginFailure(.badConfiguration, "'url' \(reason)")
    }

    /// Decodes percent-escapes (RFC 3986 section 2.1).
    private static func decoded(_ text: Substring, _ part: String) throws(PluginFailure) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw failure(
                    "has a '%' in its \(part) that two hexadecimal digits do not follow; write a percent sign as %25"
                )
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw failure("has a \(part) that is not UTF-8 once its escapes are decoded")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.flatMap { UInt8(exactly: $0) }
    }
}
