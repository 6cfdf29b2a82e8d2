import PluginKit
import Synchronization

/// What the plugin counts, readable from any thread.
final class Figures: Sendable {
    let hits = Atomic<UInt64>(0)
    let misses = Atomic<UInt64>(0)
    /// Connections that were made.
    let connects = Atomic<UInt64>(0)
    let failures = Atomic<UInt64>(0)
    /// Values that the host still reads.
    let leases = LeaseCount()
    let inFlight = Atomic<Int>(0)
}
