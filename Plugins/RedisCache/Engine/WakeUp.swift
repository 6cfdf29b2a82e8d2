import CLinux
import Glibc

/// A descriptor to wake another thread with (eventfd).
final class WakeUp: Sendable {
    let descriptor: Int32

    /// - Parameter blocks: whether `wait` waits; else it is for a `Poller`.
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
