import Synchronization
import Text

/// The last events of the process, across reloads, for `/ui` and `gateway top`. It is written where a line is logged, which
/// is already limited to a few lines a minute for each subject.
///
/// [any thread] The lock is held for an append or a copy.
final class EventJournal: Sendable {
    /// How many events are kept.
    static let capacity = 200
    /// The longest text of an event, in Unicode scalars. The log has all of it.
    static let longestText = 400

    private let ring = Mutex(EventRing(capacity: EventJournal.capacity))
    private let shortened = Mutex<[(long: [UInt8], short: [UInt8])]>([])
    private let now: @Sendable () -> UInt64

    /// - Parameter now: returns the Unix time in milliseconds.
    init(now: @escaping @Sendable () -> UInt64 = EventJournal.unixMilliseconds) {
        self.now = now
    }

    /// Adds an event that happens now.
    ///
    /// - Parameter text: what the log says, without secrets. It may contain text from outside, of which control characters
    ///   are made visible and only the beginning is kept.
    func note(_ kind: GatewayEvent.Kind, _ severity: GatewayEvent.Severity, _ text: String) {
        let text = shorten(text).quotable(atMost: Self.longestText)
        ring.withLock { $0.add(GatewayEvent(time: now(), kind: kind, severity: severity, text: text)) }
    }

    /// Has a name written shorter in later events, such as that of a plugin, which has its file and version in the log.
    func shorten(_ name: String, to short: String) {
        let (long, short) = (Array(name.utf8), Array(short.utf8))
        guard !long.isEmpty else { return }
        shortened.withLock { names in
            if !names.contains(where: { $0.long == long }) { names.append((long, short)) }
        }
    }

    private func shorten(_ text: String) -> String {
        let names = shortened.withLock { $0 }
        guard !names.isEmpty else { return text }
        var bytes = Array(text.utf8)
        for name in names { bytes.replace(name.long, with: name.short) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The events that are kept, the oldest first.
    var events: [GatewayEvent] { ring.withLock { $0.events } }

    static func unixMilliseconds() -> UInt64 {
        let time = MachineClock.precise()
        return UInt64(clamping: time.seconds) &* 1000 &+ UInt64(clamping: time.nanoseconds / 1_000_000)
    }
}
