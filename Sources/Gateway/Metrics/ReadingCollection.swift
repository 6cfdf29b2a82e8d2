/// Collects a reading of every event loop, for everybody who asks for one meanwhile.
///
/// A loop that does not report in time keeps its last reading, so that no counter goes back. It has no clock and no loops:
/// the caller reports both to it.
struct ReadingCollection<Reading, Waiter> {
    /// What is known once every loop has reported, or has been given up.
    struct Outcome {
        /// The readings of all loops that have ever reported.
        let readings: [Reading]
        /// How many loops did not report this time.
        let late: Int
        /// Who asked.
        let waiters: [Waiter]
    }

    private var latest: [Reading?] = []
    private var awaited: Set<Int> = []
    private var waiters: [Waiter] = []
    private var round = 0

    /// Adds an event loop.
    ///
    /// - Returns: its number.
    mutating func addLoop() -> Int {
        latest.append(nil)
        return latest.count - 1
    }

    /// Somebody asks.
    ///
    /// - Returns: the number of the collection, if every loop is to be asked now. It is nil where one is under way, which
    ///   is for the new waiter too.
    mutating func ask(_ waiter: Waiter) -> Int? {
        waiters.append(waiter)
        guard awaited.isEmpty else { return nil }
        round += 1
        awaited = Set(latest.indices)
        return round
    }

    /// A loop has reported, be it in time or not.
    ///
    /// - Returns: the outcome, if nothing more is awaited.
    mutating func arrived(_ reading: Reading, from loop: Int, of round: Int) -> Outcome? {
        guard latest.indices.contains(loop) else { return nil }
        latest[loop] = reading
        guard round == self.round, awaited.remove(loop) != nil, awaited.isEmpty else { return nil }
        return outcome(late: 0)
    }

    /// The time for a collection is over.
    ///
    /// - Returns: the outcome, unless there was one.
    mutating func timedOut(_ round: Int) -> Outcome? {
        guard round == self.round, !awaited.isEmpty else { return nil }
        let late = awaited.count
        awaited = []
        return outcome(late: late)
    }

    private mutating func outcome(late: Int) -> Outcome {
        defer { waiters = [] }
        return Outcome(readings: latest.compactMap { $0 }, late: late, waiters: waiters)
    }
}
