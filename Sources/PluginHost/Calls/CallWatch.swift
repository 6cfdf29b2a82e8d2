/// Finds calls that hold an event loop for longer than a second. Each is reported once, and once more when it returns.
///
/// It has no clock: the caller gives the time, in nanoseconds of any monotonic clock.
struct CallWatch: Sendable {
    /// A call as a thread marks it.
    struct Call: Equatable, Sendable {
        /// Distinguishes the calls of a thread.
        let number: UInt64
        let function: PluginFunction
    }

    enum Event: Equatable, Sendable {
        case held(PluginFunction, nanoseconds: UInt64)
        case returned(PluginFunction, nanoseconds: UInt64)
    }

    private struct Seen {
        let call: Call
        let since: UInt64
        var isReported = false
    }

    private let limit: UInt64
    /// The call of each thread at the last check.
    private var seen: [Seen?] = []

    /// - Parameter limit: how long a call may hold an event loop, in nanoseconds.
    init(limit: UInt64 = 1_000_000_000) {
        self.limit = limit
    }

    /// - Parameter calls: the present call of each thread, in the same order each time.
    mutating func check(_ calls: [Call?], now: UInt64) -> [Event] {
        while seen.count < calls.count { seen.append(nil) }
        var events: [Event] = []
        for (index, call) in calls.enumerated() {
            if var known = seen[index] {
                let lasted = now &- known.since
                if known.call == call {
                    if !known.isReported, lasted >= limit {
                        known.isReported = true
                        seen[index] = known
                        events.append(.held(known.call.function, nanoseconds: lasted))
                    }
                    continue
                }
                if known.isReported { events.append(.returned(known.call.function, nanoseconds: lasted)) }
            }
            seen[index] = call.map { Seen(call: $0, since: now) }
        }
        return events
    }
}
