import NIOCore

/// When the events of a recorded stream are due, counted from the start of the replay. Delays because of a timer or of
/// a client that accepted no more are made up for. It has no clock.
struct ReplaySchedule {
    private var events: ArraySlice<(gap: Int, raw: ByteBuffer)>
    /// When the last event that was taken was due, in milliseconds.
    private var past: Int64 = 0

    /// The latest time at which an event is due, about 34 years, because the gaps come from the backend.
    private static let latest: Int64 = 1 << 40
    /// How many bytes of more than one event are taken at a time.
    private static let portion = 32 * 1024

    /// - Parameter events: the events, each with the milliseconds since the one before it.
    init(_ events: [(gap: Int, raw: ByteBuffer)]) {
        self.events = events[...]
    }

    /// How many bytes all events have that were not taken.
    var readableBytes: Int { events.reduce(0) { $0 + $1.raw.readableBytes } }

    /// When the next event is due, in milliseconds. It is nil where there is none.
    var next: Int64? {
        events.first.map { min(past + min(Int64($0.gap), Self.latest), Self.latest) }
    }

    /// Takes the events that are due after `elapsed` milliseconds, or a portion of them. It is nil where none is due.
    mutating func take(at elapsed: Int64) -> ByteBuffer? {
        var due: ByteBuffer?
        while let next, next <= elapsed, (due?.readableBytes ?? 0) < Self.portion, let event = events.popFirst() {
            past = next
            if due == nil { due = event.raw } else { due?.writeImmutableBuffer(event.raw) }
        }
        return due
    }
}
