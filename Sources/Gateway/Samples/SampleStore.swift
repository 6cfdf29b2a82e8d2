import Synchronization

/// The samples of the last hour, across reloads.
///
/// [any thread] The lock is held for an append or a copy, once in ten seconds and when somebody asks.
final class SampleStore: Sendable {
    /// When the process began, as Unix time in seconds.
    let began = Int64(MachineClock.coarse().seconds)
    private let ring = Mutex(SampleRing())

    /// Adds what has been counted so far.
    func add(_ totals: SampleTotals, _ gauges: SampleGauges) {
        let (time, monotonic) = (Int64(MachineClock.coarse().seconds), MachineClock.monotonic())
        ring.withLock { $0.add(totals, gauges, time: time, monotonic: monotonic) }
    }

    /// The samples.
    var current: SampleRing { ring.withLock { $0 } }
}
