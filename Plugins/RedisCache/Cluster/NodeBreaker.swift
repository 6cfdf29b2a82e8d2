/// Keeps look-ups from waiting for a node of a cluster that accepts commands and does not answer them. It opens after
/// the host gave up several look-ups in a row. Then it admits one look-up at a time as a trial, at growing intervals,
/// until one is answered in time. It has no clock: times are nanoseconds of any monotonic clock.
///
/// A node whose connection is lost needs no breaker: its commands fail at once.
struct NodeBreaker: Equatable {
    enum Admission: Equatable {
        case pass
        /// The command may be sent as the only one. Its outcome must be reported as that of a trial.
        case trial
        case refuse
    }

    private enum State: Equatable {
        case closed(unanswered: Int)
        /// `until` is when the next trial is due.
        case open(until: UInt64, pause: UInt64, isTrying: Bool)
    }

    static let lookupsToOpen = 5
    static let firstPause: UInt64 = 1_000_000_000
    static let longestPause: UInt64 = 10_000_000_000

    private var state = State.closed(unanswered: 0)

    var isOpen: Bool { if case .open = state { true } else { false } }

    /// Decides whether a command may be sent.
    /// - Parameter isLookup: whether a client waits for it. Other commands cannot be trials.
    mutating func admit(isLookup: Bool, now: UInt64) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until, let pause, isTrying: false) where isLookup && now >= until:
            state = .open(until: until, pause: pause, isTrying: true)
            return .trial
        case .open: return .refuse
        }
    }

    /// The host no longer waits for a command that the node did not answer.
    /// - Returns: whether the breaker opens.
    mutating func unanswered(isTrial: Bool, now: UInt64) -> Bool {
        switch state {
        case .closed(let unanswered):
            guard unanswered + 1 >= Self.lookupsToOpen else {
                state = .closed(unanswered: unanswered + 1)
                return false
            }
            state = .open(until: now &+ Self.firstPause, pause: Self.firstPause, isTrying: false)
            return true
        case .open(_, let pause, _):
            guard isTrial else { return false }
            let longer = min(2 * pause, Self.longestPause)
            state = .open(until: now &+ longer, pause: longer, isTrying: false)
            return false
        }
    }

    /// The node has answered.
    /// - Parameter isInTime: whether the host still waited for the answer.
    /// - Returns: whether the breaker closes. An answer that is too late only lets the next look-up try at once.
    mutating func answered(isInTime: Bool, isTrial: Bool, now: UInt64) -> Bool {
        switch state {
        case .closed:
            if isInTime { state = .closed(unanswered: 0) }
            return false
        case .open(_, let pause, let isTrying):
            guard !isInTime else {
                state = .closed(unanswered: 0)
                return true
            }
            state = .open(until: now, pause: pause, isTrying: isTrying && !isTrial)
            return false
        }
    }

    /// A trial has ended before it showed whether the node answers.
    mutating func trialEnded() {
        if case .open(let until, let pause, _) = state { state = .open(until: until, pause: pause, isTrying: false) }
    }

    /// The node has answered over a new connection.
    mutating func reset() { state = .closed(unanswered: 0) }
}
