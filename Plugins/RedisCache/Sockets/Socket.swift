import Glibc
import PluginKit

/// A socket's descriptor with its options. Its owner closes it once.
struct Socket {
    let descriptor: Int32

    /// Begins to connect. The socket is connected once it is writable and `connectError` is nil.
    static func connecting(to address: SocketAddress, keepsAlive: Bool) -> Result<Socket, BackendFailure> {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else {
            return .failure(BackendFailure(.unavailable, "no socket could be made: \(SystemError.text(errno))"))
        }
        let socket = Socket(descriptor: descriptor)
        if address.family != AF_UNIX {
            socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if keepsAlive {
                socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
                socket.set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
                socket.set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
                socket.set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
            }
        }
        guard address.connect(descriptor) == 0 || errno == EINPROGRESS || errno == EAGAIN else {
            let reason = SystemError.text(errno)
            socket.close()
            return .failure(BackendFailure(.unavailable, reason))
        }
        return .success(socket)
    }

    /// Why the socket could not be connected. It is nil where it is connected.
    var connectError: String? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return SystemError.text(errno) }
        return code == 0 ? nil : SystemError.text(code)
    }

    func close() { _ = Glibc.close(descriptor) }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// The system's texts for its error numbers.
enum SystemError {
    static func text(_ number: Int32) -> String {
        var room = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &room, room.count) == 0 else { return "error \(number)" }
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
