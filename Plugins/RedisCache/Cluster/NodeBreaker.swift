/// Keeps look-ups from waiting for a node of a cluster that takes commands and does not answer them: opens after look-ups
/// that were left unanswered, one after the other, until the host gave them up; then lets one look-up at a time try, ever
/// less often, until one is answered in time. A value without a clock: times are nanoseconds of any monotonic clock.
///
/// A node whose connection is lost needs none: its commands fail at once.
struct NodeBreaker: Equatable {
    enum Admission: Equatable {
        case pass
        /// May go, alone; what becomes of it must be told as a trial's.
        case trial
        case refuse
    }

    private enum State: Equatable {
        case closed(unanswered: Int)
        /// `until`: when the next trial is due.
        case open(until: UInt64, pause: UInt64, isTrying: Bool)
    }

    static let lookupsToOpen = 5
    static let firstPause: UInt64 = 1_000_000_000
    static let longestPause: UInt64 = 10_000_000_000

    private var state = State.closed(unanswered: 0)

    var isOpen: Bool { if case .open = state { true } else { false } }

    /// - Parameter isLookup: whether the command is one that somebody waits for; others cannot be trials.
    mutating func admit(isLookup: Bool, now: UInt64) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until, let pause, isTrying: false) where isLookup && now >= until:
            state = .open(until: until, pause: pause, isTrying: true)
            return .trial
        case .open: return .refuse
        }
    }

    /// The host gave a command up that the node has not answered.
    /// - Returns: whether that opens it.
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
    /// - Parameter isInTime: whether somebody waited for the answer.
    /// - Returns: whether that closes it. An answer that is too late only has the next look-up try at once.
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

    /// A trial came to nothing before anything could be learned of the node.
    mutating func trialEnded() {
        if case .open(let until, let pause, _) = state { state = .open(until: until, pause: pause, isTrying: false) }
    }

    /// There is a new connection, over which the node has answered.
    mutating func reset() { state = .closed(unanswered: 0) }
}
