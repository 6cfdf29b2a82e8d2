import PluginKit
import Synchronization

/// [any thread] The counters of an instance.
final class RedisStatistics: Sendable {
    let hits = Atomic<UInt64>(0)
    let misses = Atomic<UInt64>(0)
    /// Connections that were made.
    let connects = Atomic<UInt64>(0)
    let failures = Atomic<UInt64>(0)
    /// Operations that the host waits for.
    let inFlight = Atomic<Int>(0)
    /// Values that the host still reads.
    let leases = LeaseCount()

    /// Reports all of them to the host.
    func report(to report: StatisticsReport) {
        report.counter("hits", hits.load(ordering: .relaxed))
        report.counter("misses", misses.load(ordering: .relaxed))
        report.counter("connections", connects.load(ordering: .relaxed))
        report.counter("failures", failures.load(ordering: .relaxed))
        report.gauge("in_flight", UInt64(clamping: inFlight.load(ordering: .relaxed)))
        report.gauge("leases", UInt64(clamping: leases.value))
    }
}
