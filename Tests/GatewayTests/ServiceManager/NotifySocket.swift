import Glibc

@testable import Gateway

/// A socket as a service manager has one, from which a test reads what it is told.
final class NotifySocket {
    private let descriptor: Int32

    /// - Parameter name: a path, or a name in the abstract namespace after an `@`.
    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let isBound = UnixAddress(name)?.withSocketAddress { bind(descriptor, $0, $1) } == 0
        guard isBound else { throw Unexpected(description: "bind \(name): \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next message. It is nil where none arrives in time.
    func next(within milliseconds: Int32 = 5_000) -> String? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
