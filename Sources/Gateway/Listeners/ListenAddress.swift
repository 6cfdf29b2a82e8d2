import Glibc
import Text

/// Where to listen, as `--listen` and `--admin-listen` name it.
struct ListenAddress: Equatable, Sendable {
    enum Place: Equatable, Sendable {
        /// A host's name or address, and a port. With port 0 the system chooses one.
        case internet(host: String, port: Int)
        /// A Unix socket with the permissions of its file.
        case unix(path: String, mode: mode_t)
        /// A listening socket that the process was started with, by its descriptor.
        case descriptor(Int32)
        /// All listening sockets of that name that the process was started with.
        case named(String)
    }

    /// What is spoken there.
    enum Scheme: Equatable, Sendable {
        /// TLS where the configuration has a certificate, except on a Unix socket.
        case byConfiguration
        case http
        case https
    }

    /// What an address must be, after what was given instead.
    struct Misreading: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The permissions of a socket's file where none are given: its owner's alone.
    static let ownerOnly: mode_t = 0o600

    let place: Place
    let scheme: Scheme

    init(_ place: Place, scheme: Scheme = .byConfiguration) {
        self.place = place
        self.scheme = scheme
    }

    /// Reads `host:port`, `[v6]:port`, `unix:/path`, `unix:/path?mode=660`, `fd://3` or `fd://name`. `http://` or `https://`
    /// may precede a host.
    init(_ text: String) throws(Misreading) {
        if let path = Self.rest(of: text, after: "unix:") {
            self.init(try Self.unix(path))
        } else if let socket = Self.rest(of: text, after: "fd://") {
            self.init(try Self.passed(socket))
        } else if let rest = Self.rest(of: text, after: "https://") {
            self.init(try Self.internet(rest), scheme: .https)
        } else if let rest = Self.rest(of: text, after: "http://") {
            self.init(try Self.internet(rest), scheme: .http)
        } else {
            self.init(try Self.internet(text))
        }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.utf8.starts(with: prefix.utf8)
            ? String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
    }

    private static func internet(_ text: String) throws(Misreading) -> Place {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            throw Misreading(
                description: "it has no port; write an address and a port such as 127.0.0.1:8000 or [::1]:8000, "
                    + "unix:/path, or fd://3"
            )
        }
        let (host, digits) = (text[..<colon], text[text.utf8.index(after: colon)...])
        guard let port = Int(digits), (0...65_535).contains(port), digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") })
        else { throw Misreading(description: "'\(String(digits).quotable)' is not a port; use 0 to 65535") }
        if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
            return .internet(host: String(host.dropFirst().dropLast()), port: port)
        }
        guard !host.isEmpty else {
            throw Misreading(description: "it has no address; write 0.0.0.0:\(port) to listen on all of them")
        }
        guard !host.utf8.contains(UInt8(ascii: ":")) else {
            throw Misreading(description: "an IPv6 address is written in brackets, as in [::1]:8000")
        }
        return .internet(host: String(host), port: port)
    }

    private static func unix(_ text: String) throws(Misreading) -> Place {
        var path = Array(text.utf8)
        var mode = ownerOnly
        let parameter = Array("?mode=".utf8)
        if let start = path.lastIndex(of: UInt8(ascii: "?")), path[start...].starts(with: parameter) {
            let digits = String(decoding: path[(start + parameter.count)...], as: UTF8.self)
            guard let given = UInt32(digits, radix: 8), given <= 0o777 else {
                throw Misreading(
                    description: "'\(digits.quotable)' are no permissions; write them in octal, as in ?mode=660"
                )
            }
            mode = given
            path = Array(path[..<start])
        }
        guard path.first == UInt8(ascii: "/") else {
            throw Misreading(description: "the path of a Unix socket is absolute, as in unix:/run/gateway.sock")
        }
        guard path.count <= UnixSocketFile.longestPath, !path.contains(0) else {
            throw Misreading(description: "the path of a Unix socket has at most \(UnixSocketFile.longestPath) bytes")
        }
        return .unix(path: String(decoding: path, as: UTF8.self), mode: mode)
    }

    private static func passed(_ text: String) throws(Misreading) -> Place {
        guard let first = text.utf8.first else {
            throw Misreading(description: "it names no socket; write fd://3, or fd:// and the socket's name")
        }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return .named(text) }
        guard let descriptor = Int32(text), descriptor > 2 else {
            throw Misreading(description: "'\(text.quotable)' is no descriptor of a socket; the first is 3")
        }
        return .descriptor(descriptor)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address as it is written.
    var description: String {
        switch place {
        case .internet(let host, let port):
            let scheme = scheme == .https ? "https://" : scheme == .http ? "http://" : ""
            return scheme + (host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)")
        case .unix(let path, _): return "unix:\(path)"
        case .descriptor(let descriptor): return "fd://\(descriptor)"
        case .named(let name): return "fd://\(name)"
        }
    }
}
