import NIOCore

/// When the events of a recorded stream are due, counted from the start of the replay: what was late, because of a timer or of
/// a client that took no more, is caught up with. A value without a clock.
struct ReplaySchedule {
    private var events: ArraySlice<(gap: Int, raw: ByteBuffer)>
    /// When the last event that was taken was due, in milliseconds.
    private var past: Int64 = 0

    /// Later than this, some 34 years, nothing is due: gaps come from the backend.
    private static let latest: Int64 = 1 << 40
    /// Bytes that are taken at a time, if it is more than one event.
    private static let portion = 32 * 1024

    /// - Parameter events: each with the milliseconds since the one before it.
    init(_ events: [(gap: Int, raw: ByteBuffer)]) {
        self.events = events[...]
    }

    /// Bytes of all events that have not been taken.
    var readableBytes: Int { events.reduce(0) { $0 + $1.raw.readableBytes } }

    /// When the next event is due, in milliseconds, or nil where there is none.
    var next: Int64? {
        events.first.map { min(past + min(Int64($0.gap), Self.latest), Self.latest) }
    }

    /// The events that are due after so many milliseconds, or a portion of them. It is nil where none is due.
    mutating func take(at elapsed: Int64) -> ByteBuffer? {
        var due: ByteBuffer?
        while let next, next <= elapsed, (due?.readableBytes ?? 0) < Self.portion, let event = events.popFirst() {
            past = next
            if due == nil { due = event.raw } else { due?.writeImmutableBuffer(event.raw) }
        }
        return due
    }
}
