import Dispatch
import Glibc
import PluginAPI
import Synchronization

/// A host that does as little as possible, so that the plugin is measured and not its host. Each thread has one
/// operation at a time, whose id is the thread's number plus one.
///
/// It is unchecked because the struct is constant and each thread waits for its own operation only.
final class BenchHost: @unchecked Sendable {
    let host: UnsafeMutablePointer<gw_host>
    private let statuses: [Status]
    private let ended: [DispatchSemaphore]

    /// The status of a thread's operation.
    private final class Status: Sendable {
        let status = Atomic<Int32>(0)
    }

    init(threads: Int) {
        statuses = (0..<threads).map { _ in Status() }
        ended = (0..<threads).map { _ in DispatchSemaphore(value: 0) }
        host = .allocate(capacity: 1)
        host.initialize(to: gw_host())
        host.pointee.struct_size = UInt32(MemoryLayout<gw_host>.size)
        host.pointee.abi_minor = GW_ABI_MINOR
        host.pointee.name = GuardedMemory.text("bench")
        host.pointee.version = GuardedMemory.text("1")
        host.pointee.instance = GuardedMemory.text("bench")
        host.pointee.io_threads_hint = 1
        host.pointee.max_inflight = 1 << 16
        host.pointee.blocking_threads = UInt32(threads)
        host.pointee.log_level = { _ in GW_LOG_HOST_MISBEHAVING + 1 }
        host.pointee.log = { _, _, _ in }
        host.pointee.health = { _, _, _ in }
        host.pointee.now_monotonic_ns = { _ in HostClock.system(CLOCK_MONOTONIC) }
        host.pointee.now_unix_ms = { _ in Int64(HostClock.system(CLOCK_REALTIME) / 1_000_000) }
        host.pointee.get_extension = { _, _ in nil }
        host.pointee.complete = { host, id, status in
            guard let data = host?.pointee.host_data else { return }
            Unmanaged<BenchHost>.fromOpaque(data).takeUnretainedValue().complete(id, status)
        }
        // The plugin may call it as long as the process lives.
        host.pointee.host_data = Unmanaged.passRetained(self).toOpaque()
    }

    private func complete(_ id: UInt64, _ status: Int32) {
        guard id > 0, id <= UInt64(statuses.count) else { return }
        statuses[Int(id) - 1].status.store(status, ordering: .releasing)
        ended[Int(id) - 1].signal()
    }

    /// Calls the plugin on a thread, and waits for the operation's end.
    /// - Returns: the operation's status, or nil if it did not end within ten seconds.
    func run(_ thread: Int, _ call: () -> Int32) -> Int32? {
        let result = call()
        guard result == GW_PENDING else { return result }
        guard ended[thread].wait(timeout: .now() + 10) == .success else { return nil }
        return statuses[thread].status.load(ordering: .acquiring)
    }
}
