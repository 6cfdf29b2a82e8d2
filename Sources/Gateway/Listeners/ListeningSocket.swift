import Glibc
import NIOCore

/// A socket on which the gateway listens. Whoever holds it closes it, or gives it to a channel that does.
struct ListeningSocket: Sendable {
    /// Why there is no such socket, as the end of a sentence.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Whether another process listens there.
        let isInUse: Bool

        init(_ description: String, isInUse: Bool = false) {
            self.description = description
            self.isInUse = isInUse
        }

        init(errno code: Int32) {
            self.init(String(cString: strerror(code)).lowercased(), isInUse: code == EADDRINUSE)
        }
    }

    /// How many connections may wait to be accepted on a socket that is made here.
    private static let ownBacklog: Int32 = 1_024

    let descriptor: Int32
    /// Where it listens, for people: an address and a port, or a path.
    let name: String
    let kind: Kind
    /// The port, with the one that the system chose if it was asked to. It is nil for a Unix socket.
    let port: Int?
    /// The file of a Unix socket that this process has made.
    private(set) var file: UnixSocketFile?
    /// Whether clients of this machine alone reach it.
    let isLocal: Bool
    /// Whether another process holds the socket too, so that connections that wait outlive this process.
    let isPassed: Bool

    enum Kind: Sendable { case internet, unix }

    /// How many connections may wait to be accepted. A socket that was passed has as many as the system allows.
    var backlog: Int32 { isPassed ? .max : Self.ownBacklog }

    /// Where it listens, as clients name it.
    func url(isSecure: Bool) -> String {
        switch kind {
        case .internet: "\(isSecure ? "https" : "http")://\(name)"
        case .unix: "unix:\(name)"
        }
    }

    // MARK: Made here

    /// Opens a socket that listens at a host's first address.
    ///
    /// - Parameter isShared: whether other sockets of the same user may listen there too.
    init(host: String, port: Int, isShared: Bool) throws(Failure) {
        let address: SocketAddress
        do {
            address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw Failure("the name cannot be resolved")
        }
        let family = if case .v6 = address { AF_INET6 } else { AF_INET }
        let descriptor = try Self.open(family)
        self.descriptor = descriptor
        do throws(Failure) {
            try Self.set(descriptor, SO_REUSEADDR)
            if isShared { try Self.set(descriptor, SO_REUSEPORT) }
            let isBound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0
            guard isBound, listen(descriptor, Self.ownBacklog) == 0 else { throw Failure(errno: errno) }
            (name, isLocal, kind, self.port) = try Self.place(of: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        isPassed = false
    }

    /// Opens a socket that listens at a path. See `UnixSocketFile`.
    init(path: String, mode: mode_t, takesOver: Bool) throws(Failure) {
        let descriptor = try Self.open(AF_UNIX)
        self.descriptor = descriptor
        do throws(UnixSocketFile.Failure) {
            file = try UnixSocketFile(
                descriptor,
                path: path,
                mode: mode,
                backlog: Self.ownBacklog,
                takesOver: takesOver
            )
        } catch {
            close(descriptor)
            switch error {
            case .isNoSocket: throw Failure("something that is no socket is there")
            case .isServed: throw Failure("another process is listening there", isInUse: true)
            case .system(let code): throw Failure(errno: code)
            }
        }
        (name, isLocal, kind, port, isPassed) = (path, true, .unix, nil, false)
    }

    // MARK: Passed

    /// Takes over a socket that listens already.
    init(passed descriptor: Int32) throws(Failure) {
        var (isListening, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 else {
            throw Failure("it is no open socket")
        }
        guard isListening == 1 else { throw Failure("it is no socket that listens for connections") }
        (name, isLocal, kind, port) = try Self.place(of: descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
        isPassed = true
    }

    // MARK: Waiting connections

    /// Whether connections wait to be accepted.
    var hasWaiting: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 1
    }

    /// Lets no further connection begin. Those that have begun go on, and can be accepted. Clients that try to connect
    /// hear nothing and try again a second later, when a socket of another process is there for them.
    ///
    /// A filter drops the packets that open a connection (SYN without ACK). Connections that are accepted inherit the
    /// filter, and never receive such a packet.
    func refuseSilently() {
        // The filter sees the TCP header, whose 14th byte has the flags: drop if (flags & (SYN | ACK)) == SYN.
        var code = [
            FilterInstruction(code: 0x30, ifTrue: 0, ifFalse: 0, operand: 13),
            FilterInstruction(code: 0x54, ifTrue: 0, ifFalse: 0, operand: 0x12),
            FilterInstruction(code: 0x15, ifTrue: 0, ifFalse: 1, operand: 0x02),
            FilterInstruction(code: 0x06, ifTrue: 0, ifFalse: 0, operand: 0),
            FilterInstruction(code: 0x06, ifTrue: 0, ifFalse: 0, operand: .max),
        ]
        code.withUnsafeMutableBufferPointer { code in
            var program = FilterProgram(length: UInt16(code.count), instructions: code.baseAddress)
            let size = socklen_t(MemoryLayout<FilterProgram>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, size)
        }
    }

    // MARK: The system's calls

    private static func open(_ family: Int32) throws(Failure) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ option: Int32) throws(Failure) {
        var on: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw Failure(errno: errno)
        }
    }

    /// Where a socket is bound, and what follows from that.
    private static func place(
        of descriptor: Int32
    ) throws(Failure) -> (name: String, isLocal: Bool, kind: Kind, port: Int?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { throw Failure(errno: errno) }
        switch Int32(storage.ss_family) {
        case AF_INET, AF_INET6:
            let address: SocketAddress = withUnsafePointer(to: storage) { storage in
                if Int32(storage.pointee.ss_family) == AF_INET {
                    return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
                }
                return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            }
            let text = address.ipAddress ?? ""
            let shown = if case .v6 = address { "[\(text)]" } else { text }
            return ("\(shown):\(address.port ?? 0)", address.isLoopback, .internet, address.port)
        case AF_UNIX:
            let path = withUnsafeBytes(of: storage) { bytes in
                bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
                    .reduce(into: [UInt8]()) { $0.append($1) }
            }
            return (path.isEmpty ? "a Unix socket" : String(decoding: path, as: UTF8.self), true, .unix, nil)
        default: throw Failure("it is a socket of another family than IPv4, IPv6 and Unix")
        }
    }
}

extension SocketAddress {
    /// Whether only clients of this machine reach the address.
    var isLoopback: Bool {
        switch self {
        // These are sin_addr and sin6_addr, in network byte order.
        case .v4(let address): withUnsafeBytes(of: address.address) { $0[4] == 127 }
        case .v6(let address):
            withUnsafeBytes(of: address.address) { $0[8..<23].allSatisfy { $0 == 0 } && $0[23] == 1 }
        case .unixDomainSocket: true
        }
    }
}

/// `struct sock_filter` of linux/filter.h: an instruction of classic BPF.
private struct FilterInstruction {
    let code: UInt16
    let ifTrue: UInt8
    let ifFalse: UInt8
    let operand: UInt32
}

/// `struct sock_fprog` of linux/filter.h.
private struct FilterProgram {
    let length: UInt16
    let instructions: UnsafeMutablePointer<FilterInstruction>?
}
