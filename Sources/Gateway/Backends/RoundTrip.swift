import JSON
import NIOCore
import Synchronization

/// How long the backend took to answer the last ping. It is shared by the event loops.
final class RoundTrip: Sendable {
    /// The time in nanoseconds. It is negative where it is not known.
    private let nanoseconds = Atomic<Int64>(-1)

    func note(_ time: TimeAmount) { nanoseconds.store(max(0, time.nanoseconds), ordering: .relaxed) }

    /// The last ping was not answered.
    func forget() { nanoseconds.store(-1, ordering: .relaxed) }

    /// The time of the last ping. It is nil where that is not known.
    var last: TimeAmount? {
        let nanoseconds = nanoseconds.load(ordering: .relaxed)
        return nanoseconds < 0 ? nil : .nanoseconds(nanoseconds)
    }
}

extension JSONWriter {
    /// A time in milliseconds to the microsecond, as `0.210`, or `null` where it is not known.
    mutating func milliseconds(_ time: TimeAmount?) {
        guard let time else { return null() }
        let microseconds = max(0, time.nanoseconds) / 1_000
        let fraction = String(microseconds % 1_000)
        value { number in
            number.writeString("\(microseconds / 1_000).")
            number.writeRepeatingByte(UInt8(ascii: "0"), count: 3 - fraction.count)
            number.writeString(fraction)
        }
    }
}
