import PluginKit
import Synchronization

/// What the plugin counts, readable from any thread.
final class Figures: Sendable {
    let hits = Atomic<UInt64>(0)
    let misses = Atomic<UInt64>(0)
    let failures = Atomic<UInt64>(0)
    let retries = Atomic<UInt64>(0)
    /// Writes that found the queue full.
    let rejections = Atomic<UInt64>(0)
    let expirations = Atomic<UInt64>(0)
    let inFlight = Atomic<Int>(0)
    let leases = LeaseCount()
}
