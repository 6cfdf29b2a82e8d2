import Glibc
import Text

/// Tells the service manager that started the process about the process's state: systemd, or anything else that sets
/// `NOTIFY_SOCKET`. Where nothing does, `notify` does nothing. See sd_notify(3).
///
/// Each message is a datagram of its own, sent from any thread. A service manager that does not read delays the sender
/// by a second at most, so that it is never an event loop.
struct ServiceNotifier: Sendable {
    /// Why nothing can be sent.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How long a message waits for a service manager that does not read, in seconds.
    private static let patience = 1

    /// The address of the service manager's socket. It is nil where nobody is told anything.
    private let address: UnixAddress?

    /// - Parameter socket: the value of `NOTIFY_SOCKET`: a path, or a name in the abstract namespace after an `@`. It is
    ///   nil or empty where there is no service manager.
    init(socket: String?) throws(Failure) {
        guard let socket, !socket.isEmpty else {
            address = nil
            return
        }
        let first = socket.utf8.first
        guard first == UInt8(ascii: "/") || first == UInt8(ascii: "@"), let address = UnixAddress(socket) else {
            throw Failure(
                description:
                    "NOTIFY_SOCKET is '\(socket.quotable)', which is neither an absolute path nor a name after "
                    + "an @, of \(UnixAddress.longest) bytes at most"
            )
        }
        self.address = address
    }

    /// Whether a service manager is told anything.
    var isActive: Bool { address != nil }

    /// The service is reloading as of now.
    static func reloadingNow() -> ServiceState {
        .reloading(monotonicMicroseconds: MachineClock.monotonic() / 1_000)
    }

    /// Sends a message. [any thread but an event loop's]
    ///
    /// - Returns: whether the service manager has it, or there is none.
    @discardableResult
    func notify(_ state: ServiceState) -> Bool {
        guard let address else { return true }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let message = Array(state.message.utf8)
        return address.withSocketAddress { address, length in
            while true {
                let sent = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length)
                if sent >= 0 { return true }
                guard errno == EINTR else { return false }
            }
        }
    }
}
