import CLinux
import Glibc

/// [any thread] A descriptor with which another thread is woken (eventfd).
final class WakeUp: Sendable {
    let descriptor: Int32

    /// Makes a descriptor. It is nil if the process has no descriptors left.
    /// - Parameter blocks: whether a thread waits in `wait`. Otherwise a `Poller` watches the descriptor.
    init?(blocks: Bool) {
        let flags = Int32(EFD_CLOEXEC) | (blocks ? Int32(EFD_SEMAPHORE) : Int32(EFD_NONBLOCK))
        descriptor = eventfd(0, flags)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Waits for one signal.
    func wait() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0, errno == EINTR {}
    }
}
