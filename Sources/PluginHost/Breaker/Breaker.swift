/// Keeps requests from waiting for a backend that is down. It opens after five consecutive failures, or when the plugin
/// reports that the backend is down, and then admits one probe at a time at growing intervals until one succeeds.
///
/// Look-ups and writes have a breaker each, since a backend may do one and not the other. Pings belong to neither: one
/// that fails tells that the backend cannot be reached, and then one that succeeds tells that it can be again.
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
        /// The instance has failed for good.
        case disabled
    }

    private let settings: Settings
    private var state = State.closed
    private(set) var consecutiveFailures = 0
    private(set) var lastFailure: String?
    /// The kind of the last failure, as `OperationFailure.code`.
    private(set) var lastCode: String?
    /// Whether a ping has failed since the breaker opened, so that one that succeeds is news.
    private var isUnreachable = false

    init(settings: Settings = Settings()) {
        self.settings = settings
    }

    var isOpen: Bool { state != .closed }
    var isDisabled: Bool { state == .disabled }

    mutating func admit(now: UInt64) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until, let backOff, isProbing: false) where now >= until:
            state = .open(until: until, backOff: backOff, isProbing: true)
            return .probe
        case .open, .disabled: return .refuse
        }
    }

    /// - Parameter isProbe: whether `admit` called this operation a probe. While open, only a probe counts.
    mutating func succeeded(isProbe: Bool) -> Event? {
        switch state {
        case .closed:
            consecutiveFailures = 0
            return nil
        case .open:
            return isProbe ? close() : nil
        case .disabled: return nil
        }
    }

    /// - Parameters:
    ///   - code: what kind of failure it was.
    ///   - jitter: a random number in 0..<1, which spreads the probes of many gateways.
    ///   - retryAfter: how long the plugin says that trying again is of no use, in nanoseconds. It delays the next probe,
    ///     but not beyond the longest back-off.
    mutating func failed(
        _ reason: String,
        code: String = OperationFailure.unavailable.code,
        isProbe: Bool,
        now: UInt64,
        jitter: Double,
        retryAfter: UInt64 = 0
    ) -> Event? {
        guard state != .disabled else { return nil }
        lastFailure = reason
        lastCode = code
        switch state {
        case .closed:
            consecutiveFailures += 1
            guard consecutiveFailures >= settings.failuresToOpen else { return nil }
            return open(reason, now: now, jitter: jitter, retryAfter: retryAfter)
        case .open(_, let backOff, _):
            guard isProbe else { return nil }
            let longer = min(settings.longestBackOff, backOff.multipliedReportingOverflow(by: 2).partialValue)
            state = .open(until: due(now, longer, jitter, retryAfter), backOff: longer, isProbing: false)
            return nil
        case .disabled: return nil
        }
    }

    /// A ping was answered. It closes a breaker only if an earlier one has failed since the breaker opened: a backend
    /// that answers pings all the time may still fail everything else.
    mutating func pingSucceeded() -> Event? {
        guard case .open = state, isUnreachable else { return nil }
        return close()
    }

    /// A ping has failed, which counts as any other failure.
    mutating func pingFailed(_ reason: String, code: String, now: UInt64, jitter: Double) -> Event? {
        let event = failed(reason, code: code, isProbe: false, now: now, jitter: jitter)
        if isOpen { isUnreachable = true }
        return event
    }

    /// The instance has failed for good, and nothing is admitted any more.
    mutating func disable(_ reason: String, code: String) {
        lastFailure = reason
        lastCode = code
        state = .disabled
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
        defer { isUnreachable = true }
        return open(reason, now: now, jitter: jitter)
    }

    /// The plugin itself reports that the backend is back, so that the next operation may try.
    mutating func reportedUp(now: UInt64) {
        if case .open(_, _, isProbing: let isProbing) = state {
            state = .open(until: now, backOff: settings.firstBackOff, isProbing: isProbing)
        }
    }

    private mutating func open(_ reason: String, now: UInt64, jitter: Double, retryAfter: UInt64 = 0) -> Event {
        let backOff = settings.firstBackOff
        state = .open(until: due(now, backOff, jitter, retryAfter), backOff: backOff, isProbing: false)
        isUnreachable = false
        return .opened(reason: reason)
    }

    private mutating func close() -> Event {
        state = .closed
        consecutiveFailures = 0
        isUnreachable = false
        return .closed
    }

    /// The end of the back-off, counted from now and varied by up to a fifth.
    private func due(_ now: UInt64, _ backOff: UInt64, _ jitter: Double, _ retryAfter: UInt64) -> UInt64 {
        let share = 80 + UInt64(min(max(jitter, 0), 0.999) * 40)
        return now &+ max(backOff / 100 &* share, min(retryAfter, settings.longestBackOff))
    }
}
