import CLinux
import Glibc

/// [I/O thread] The kernel's list of descriptors to watch (epoll), among them one with which other threads wake the I/O
/// thread.
final class Poller {
    /// What became possible on a socket.
    struct Event {
        /// The id that the socket was added with.
        let id: UInt64
        let isReadable: Bool
        let isWritable: Bool
    }

    /// The id that stands for wake-ups.
    static let wakeUpID: UInt64 = 0

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 64)

    /// Makes a poller. It is nil if the process has no descriptors left.
    /// - Parameter wakeUp: an eventfd.
    init?(wakeUp: Int32) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        // It is edge-triggered: each write to it is one event, and it need not be read.
        var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(u64: Self.wakeUpID))
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, wakeUp, &event) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Watches a socket.
    /// - Parameter id: any id but `wakeUpID`.
    func add(_ socket: Socket, id: UInt64, reads: Bool, writes: Bool) {
        control(EPOLL_CTL_ADD, socket, id, reads, writes)
    }

    func change(_ socket: Socket, id: UInt64, reads: Bool, writes: Bool) {
        control(EPOLL_CTL_MOD, socket, id, reads, writes)
    }

    func remove(_ socket: Socket) { _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, socket.descriptor, nil) }

    private func control(_ operation: Int32, _ socket: Socket, _ id: UInt64, _ reads: Bool, _ writes: Bool) {
        let wanted = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
        var event = epoll_event(events: wanted, data: epoll_data(u64: id))
        _ = epoll_ctl(descriptor, operation, socket.descriptor, &event)
    }

    /// Waits for events.
    /// - Parameter nanoseconds: the longest time to wait. It is nil where there is no limit.
    func wait(_ nanoseconds: UInt64?, _ body: (Event) -> Void) {
        let milliseconds = nanoseconds.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
        let count = epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) where event.data.u64 != Self.wakeUpID {
            // An error is detected by reading or writing.
            let failed = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            body(
                Event(
                    id: event.data.u64,
                    isReadable: failed || event.events & EPOLLIN.rawValue != 0,
                    isWritable: failed || event.events & EPOLLOUT.rawValue != 0
                )
            )
        }
    }
}
