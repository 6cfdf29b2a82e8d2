import Glibc
import NIOCore

/// A gateway that is reached over HTTP. It blocks, and is for commands alone.
struct AdministrationClient: ReachableGateway {
    /// Where the gateway listens.
    enum Address: Equatable {
        case host(String, port: String)
        case unix(String)

        /// - Parameter text: `http://HOST:PORT`, `http://[ADDRESS]:PORT` or `unix:/PATH`.
        init?(_ text: String) {
            if text.hasPrefix("unix:/") {
                self = .unix(String(text.dropFirst("unix:".count)))
                return
            }
            guard text.hasPrefix("http://") else { return nil }
            var rest = text.dropFirst("http://".count)
            if rest.hasSuffix("/") { rest = rest.dropLast() }
            guard let colon = rest.lastIndex(of: ":") else { return nil }
            let (host, port) = (rest[..<colon], rest[rest.index(after: colon)...])
            guard !host.isEmpty, let number = UInt16(port), number > 0 else { return nil }
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            guard isBracketed || !host.contains(":") else { return nil }
            self = .host(String(isBracketed ? host.dropFirst().dropLast() : host), port: "\(number)")
        }
    }

    private let address: Address
    private let key: String?
    private let timeout: Int

    /// - Parameters:
    ///   - key: the master key, if the gateway has one.
    ///   - timeout: how long to wait for each part of the answer, in seconds.
    init(_ address: Address, key: String?, timeout: Int) {
        self.address = address
        self.key = key
        self.timeout = timeout
    }

    func reload() throws(CannotReach) -> ReloadStatus { try status(of: "POST", "/config/reload") }

    func status() throws(CannotReach) -> ReloadStatus { try status(of: "GET", "/config") }

    /// The figures that `gateway top` shows.
    func figures() throws(CannotReach) -> TopFigures {
        let (code, body) = try answer(to: "GET", "/ui/data", limit: TopFigures.sizeLimit)
        guard code == 200 else { throw refusal("/ui/data", code) }
        guard let figures = TopFigures(parsing: body) else {
            throw CannotReach("the answer of what listens at \(name) is not a gateway's")
        }
        return figures
    }

    private func status(of method: String, _ path: String) throws(CannotReach) -> ReloadStatus {
        let (code, body) = try answer(to: method, path, limit: ReloadStatus.sizeLimit)
        guard code == 200 || code == 422 else { throw refusal(path, code) }
        guard let status = ReloadStatus(parsing: body) else {
            throw CannotReach("the answer of what listens at \(name) is not a gateway's")
        }
        return status
    }

    private func refusal(_ path: String, _ code: Int) -> CannotReach {
        switch code {
        case 401, 403: CannotReach("the gateway at \(name) wants its master key; set GATEWAY_MASTER_KEY")
        default: CannotReach("the gateway at \(name) answers \(path) with status \(code)")
        }
    }

    /// Sends a request without a body.
    ///
    /// - Parameter limit: the size of the largest answer that is read, in bytes.
    /// - Returns: the status and the body.
    private func answer(
        to method: String,
        _ path: String,
        limit: Int
    ) throws(CannotReach) -> (code: Int, body: ByteBuffer) {
        let answer = try send(method, path, limit: limit)
        guard let end = answer.firstRange(of: "\r\n\r\n".utf8), answer.starts(with: "HTTP/1.1 ".utf8) else {
            throw CannotReach("what listens at \(name) is no gateway")
        }
        let code = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
        return (code, ByteBuffer(bytes: answer[end.upperBound...]))
    }

    private var name: String {
        switch address {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    // MARK: The socket

    private func send(_ method: String, _ path: String, limit: Int) throws(CannotReach) -> [UInt8] {
        // A key with a line end would be another header.
        if let key, key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw CannotReach("the master key has a character that no key has")
        }
        let descriptor = try connected()
        defer { close(descriptor) }
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        var request = Array(
            "\(method) \(path) HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\(authorization)Content-Length: 0\r\n\r\n"
                .utf8
        )[...]
        while !request.isEmpty {
            let count = request.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure() }
            request = request.dropFirst(count)
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while answer.count <= limit {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count >= 0 else { throw failure() }
            if count == 0 { return answer }
            answer += piece.prefix(count)
        }
        throw CannotReach("the answer of what listens at \(name) is too long for a gateway's")
    }

    private func connected() throws(CannotReach) -> Int32 {
        switch address {
        case .unix(let path):
            guard let address = UnixAddress(path) else { throw CannotReach("\(path) is too long for a socket") }
            let descriptor = open(AF_UNIX)
            let isConnected = address.withSocketAddress { connect(descriptor, $0, $1) } == 0
            guard isConnected else { throw close(descriptor, with: failure()) }
            return descriptor
        case .host(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var first: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, port, &hints, &first)
            guard status == 0 else {
                throw CannotReach("the gateway at \(name) is not reached: \(String(cString: gai_strerror(status)))")
            }
            defer { freeaddrinfo(first) }
            var next = first
            var last = CannotReach("the gateway at \(name) is not reached")
            while let info = next?.pointee {
                let descriptor = open(info.ai_family)
                if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
                last = close(descriptor, with: failure())
                next = info.ai_next
            }
            throw last
        }
    }

    /// Opens a socket each of whose operations ends in time.
    private func open(_ family: Int32) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        return descriptor
    }

    private func close(_ descriptor: Int32, with failure: CannotReach) -> CannotReach {
        Glibc.close(descriptor)
        return failure
    }

    private func close(_ descriptor: Int32) { Glibc.close(descriptor) }

    private func failure() -> CannotReach {
        let isLate = errno == EAGAIN || errno == EINPROGRESS
        let reason = isLate ? "no answer within \(timeout) s" : String(cString: strerror(errno)).lowercased()
        return CannotReach("the gateway at \(name) is not reached: \(reason)")
    }
}
