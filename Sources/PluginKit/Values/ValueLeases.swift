import Synchronization

/// Lends stored values to the host, and lets a shutdown end when all of them are back (rules V-1 to V-4). Its functions
/// may be called on any thread, and hold its lock for no longer than it takes to count.
public final class ValueLeases: Sendable {
    private struct State: ~Copyable {
        var count = 0
        var shutdown: Completion?
    }

    private let state = Mutex(State())

    /// Starts with no lease.
    public init() {}

    /// The number of values that the host reads.
    public var count: Int { state.withLock { $0.count } }

    /// Reports a hit, and keeps the value alive until its lease is back.
    public func lend(_ value: StoredValue, to operation: GetOperation, at index: Int) {
        state.withLock { $0.count += 1 }
        operation.hit(index, value.bytes, Lease(retaining: value))
    }

    /// Takes leases back: what a plugin does in `CachePlugin.release`.
    public func takeBack(_ leases: Leases) {
        var count = 0
        for lease in leases where lease != .none {
            lease.releaseObject()
            count += 1
        }
        let shutdown = state.withLock { state -> Completion? in
            state.count -= count
            return state.count <= 0 ? state.shutdown.take() : nil
        }
        if let shutdown { shutdown.finish() }
    }

    /// Ends a shutdown when all leases are back: what a plugin without anything else to end does in
    /// `CachePlugin.shutdown`.
    public func shutDown(_ operation: PlainOperation) -> OperationProgress {
        state.withLock { state in
            guard state.count > 0 else { return .done }
            state.shutdown = operation.completeLater()
            return .pending
        }
    }
}
