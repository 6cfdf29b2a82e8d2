/// The commands that were sent over a connection and not answered yet, in order: Redis answers in the order it is
/// asked, so each reply belongs to the oldest.
struct Pipeline {
    /// A command in flight.
    struct Sent {
        let command: any Command
        /// Whether the reply to an ASKING comes first.
        var isAfterAsking: Bool
        let at: UInt64
    }

    private var sent: [Sent] = []
    private var first = 0

    var isEmpty: Bool { first == sent.count }
    var count: Int { sent.count - first }

    /// Since when the oldest command waits.
    var waitingSince: UInt64? { isEmpty ? nil : sent[first].at }

    mutating func append(_ command: any Command, isAfterAsking: Bool, at now: UInt64) {
        sent.append(Sent(command: command, isAfterAsking: isAfterAsking, at: now))
    }

    /// Whose the next reply is; nil: nobody's.
    /// - Returns: for the reply to an ASKING, `.some(nil)`.
    mutating func next() -> (any Command)?? {
        guard !isEmpty else { return nil }
        if sent[first].isAfterAsking {
            sent[first].isAfterAsking = false
            return .some(nil)
        }
        let command = sent[first].command
        first += 1
        if first == sent.count {
            sent.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 1024, first * 2 >= sent.count {
            sent.removeFirst(first)
            first = 0
        }
        return .some(command)
    }

    /// Takes everything out.
    mutating func removeAll() -> [any Command] {
        defer {
            sent.removeAll()
            first = 0
        }
        return sent[first...].map(\.command)
    }
}
