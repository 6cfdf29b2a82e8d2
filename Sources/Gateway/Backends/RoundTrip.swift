import NIOCore
import Synchronization

/// How long the backend last took to answer a ping. Shared by the event loops.
final class RoundTrip: Sendable {
    /// Nanoseconds; negative: it is not known.
    private let nanoseconds = Atomic<Int64>(-1)

    func note(_ time: TimeAmount) { nanoseconds.store(max(0, time.nanoseconds), ordering: .relaxed) }

    /// The last ping was not answered.
    func forget() { nanoseconds.store(-1, ordering: .relaxed) }

    /// As JSON: milliseconds, or null.
    var json: String {
        let nanoseconds = nanoseconds.load(ordering: .relaxed)
        return nanoseconds < 0 ? "null" : Self.milliseconds(.nanoseconds(nanoseconds))
    }

    /// Milliseconds to the microsecond: `0.213`.
    static func milliseconds(_ time: TimeAmount) -> String {
        let microseconds = max(0, time.nanoseconds) / 1_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
