import Glibc
import Synchronization

/// Counts the values, in blocks of malloc'ed memory, that the host still reads. A plugin's shutdown waits until all are
/// released.
public final class LeaseCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Starts with no lease.
    public init() {}

    /// [any thread] The number of leases.
    public var value: Int { count.load(ordering: .acquiring) }

    func add(_ number: Int) { count.add(number, ordering: .relaxed) }

    /// [any thread] Frees the values whose addresses the leases hold (`CachePlugin.release`).
    public func free(_ leases: Leases) {
        for lease in leases { Glibc.free(lease.pointer) }
        count.subtract(leases.count, ordering: .releasing)
    }
}
