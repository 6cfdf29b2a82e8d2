/// What became of the configuration so far: which one is in force, and how the last reload ended.
struct ReloadRecord: Sendable, Equatable {
    /// How a reload ended.
    enum Outcome: Sendable, Equatable {
        case adopted
        /// Nothing has changed, for these reasons, a line each.
        case refused(reasons: [String])
    }

    /// The last reload.
    struct Attempt: Sendable, Equatable {
        /// When it began, by the monotonic clock of the machine, in nanoseconds.
        let began: UInt64
        /// When it ended, in seconds since 1970.
        let ended: Int
        let outcome: Outcome
        /// The warnings about the configuration, a line each.
        let warnings: [String]
        /// What it changed, a line each.
        let changes: [String]
    }

    /// The number of the generation in force. The first is 1.
    private(set) var generation = 1
    /// When the generation in force was made, in seconds since 1970.
    private(set) var since: Int
    /// The last reload. It is nil where there was none.
    private(set) var last: Attempt?

    /// - Parameter now: the time in seconds since 1970.
    init(at now: Int) {
        since = now
    }

    /// A reload has ended.
    mutating func note(_ attempt: Attempt) {
        last = attempt
        guard attempt.outcome == .adopted else { return }
        generation += 1
        since = attempt.ended
    }
}
