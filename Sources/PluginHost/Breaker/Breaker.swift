/// Keeps requests from waiting for a backend that is down. It opens after five consecutive failures, or when the plugin
/// reports that the backend is down, and then admits one probe at a time at growing intervals until one succeeds.
///
/// It has no clock: the caller gives the time, in nanoseconds of any monotonic clock.
struct Breaker: Sendable {
    /// Whether an operation may go to the backend.
    enum Admission: Sendable, Equatable {
        case pass
        /// The operation may go, and no other until it has ended. Its end must be reported as a probe's.
        case probe
        case refuse
    }

    /// A change of state, reported once.
    enum Event: Sendable, Equatable {
        case opened(reason: String)
        case closed
    }

    struct Settings: Sendable, Equatable {
        var failuresToOpen = 5
        var firstBackOff: UInt64 = 1_000_000_000
        var longestBackOff: UInt64 = 30_000_000_000
    }

    private enum State: Sendable, Equatable {
        case closed
        /// `until` is when the next probe is due. `isProbing` says whether a probe is in flight.
        case open(until: UInt64, backOff: UInt64, isProbing: Bool)
    }

    private let settings: Settings
    private var state = State.closed
    private(set) var consecutiveFailures = 0
    private(set) var lastFailure: String?
    /// The kind of the last failure, as `OperationFailure.code`.
    private(set) var lastCode: String?

    init(settings: Settings = Settings()) {
        self.settings = settings
    }

    var isOpen: Bool { state != .closed }

    mutating func admit(now: UInt64) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until, let backOff, isProbing: false) where now >= until:
            state = .open(until: until, backOff: backOff, isProbing: true)
            return .probe
        case .open: return .refuse
        }
    }

    /// - Parameter isProbe: whether `admit` called this operation a probe. While open, only a probe counts.
    mutating func succeeded(isProbe: Bool) -> Event? {
        switch state {
        case .closed:
            consecutiveFailures = 0
            return nil
        case .open:
            guard isProbe else { return nil }
            state = .closed
            consecutiveFailures = 0
            return .closed
        }
    }

    /// - Parameters:
    ///   - code: what kind of failure it was.
    ///   - jitter: a random number in 0..<1, which spreads the probes of many gateways.
    mutating func failed(
        _ reason: String,
        code: String = OperationFailure.unavailable.code,
        isProbe: Bool,
        now: UInt64,
        jitter: Double
    ) -> Event? {
        lastFailure = reason
        lastCode = code
        switch state {
        case .closed:
            consecutiveFailures += 1
            guard consecutiveFailures >= settings.failuresToOpen else { return nil }
            return open(reason, now: now, jitter: jitter)
        case .open(_, let backOff, _):
            guard isProbe else { return nil }
            let longer = min(settings.longestBackOff, backOff.multipliedReportingOverflow(by: 2).partialValue)
            state = .open(until: due(now, longer, jitter), backOff: longer, isProbing: false)
            return nil
        }
    }

    /// The operation's end reveals nothing about the backend: it was too large, or too much was in flight.
    mutating func saidNothing(isProbe: Bool) {
        if isProbe, case .open(let until, let backOff, _) = state {
            state = .open(until: until, backOff: backOff, isProbing: false)
        }
    }

    /// The plugin itself reports that the backend is down.
    mutating func reportedDown(_ reason: String, now: UInt64, jitter: Double) -> Event? {
        lastFailure = reason
        lastCode = OperationFailure.unavailable.code
        guard state == .closed else { return nil }
        return open(reason, now: now, jitter: jitter)
    }

    /// The plugin itself reports that the backend is back, so that the next operation may try.
    mutating func reportedUp(now: UInt64) {
        if case .open(_, _, isProbing: let isProbing) = state {
            state = .open(until: now, backOff: settings.firstBackOff, isProbing: isProbing)
        }
    }

    private mutating func open(_ reason: String, now: UInt64, jitter: Double) -> Event {
        state = .open(until: due(now, settings.firstBackOff, jitter), backOff: settings.firstBackOff, isProbing: false)
        return .opened(reason: reason)
    }

    /// The end of the back-off, counted from now and varied by up to a fifth.
    private func due(_ now: UInt64, _ backOff: UInt64, _ jitter: Double) -> UInt64 {
        let share = 80 + UInt64(min(max(jitter, 0), 0.999) * 40)
        return now &+ backOff / 100 &* share
    }
}
