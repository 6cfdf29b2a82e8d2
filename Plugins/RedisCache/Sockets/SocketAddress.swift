import Glibc
import PluginKit

/// An address that a socket can be connected to.
struct SocketAddress: Sendable {
    private let bytes: [UInt8]
    let family: Int32

    /// - Parameter address: an address of `length` bytes.
    init(_ address: UnsafePointer<sockaddr>, length: Int) {
        bytes = Array(UnsafeRawBufferPointer(start: address, count: length))
        family = Int32(address.pointee.sa_family)
    }

    /// The address of a Unix socket. It is nil if the path is too long.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    /// Connects a socket, as connect(2) does.
    func connect(_ descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return -1 }
            return Glibc.connect(descriptor, start.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }

    /// The addresses of a host. It waits for name servers unless `isNumeric` is true.
    static func resolve(host: String, port: UInt16, isNumeric: Bool) -> Result<[SocketAddress], BackendFailure> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = isNumeric ? AI_NUMERICHOST | AI_NUMERICSERV : AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let reason = String(cString: gai_strerror(code))
            return .failure(BackendFailure(.unavailable, "'\(host)' cannot be looked up: \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                addresses.append(SocketAddress(address, length: Int(entry.pointee.ai_addrlen)))
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
