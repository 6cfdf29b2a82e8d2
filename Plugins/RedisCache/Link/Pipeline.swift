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
    private var start = 0

    var isEmpty: Bool { start == sent.count }
    var count: Int { sent.count - start }

    /// Since when the oldest command waits.
    var waitingSince: UInt64? { isEmpty ? nil : sent[start].at }

    mutating func append(_ command: any Command, isAfterAsking: Bool, at now: UInt64) {
        sent.append(Sent(command: command, isAfterAsking: isAfterAsking, at: now))
    }

    /// Whose reply is next, without taking it out, or nil where it is nobody's or answers an ASKING.
    var first: (any Command)? { isEmpty || sent[start].isAfterAsking ? nil : sent[start].command }

    /// Whose the next reply is; nil: nobody's.
    /// - Returns: for the reply to an ASKING, `.some(nil)`.
    mutating func next() -> (any Command)?? {
        guard !isEmpty else { return nil }
        if sent[start].isAfterAsking {
            sent[start].isAfterAsking = false
            return .some(nil)
        }
        let command = sent[start].command
        start += 1
        if start == sent.count {
            sent.removeAll(keepingCapacity: true)
            start = 0
        } else if start >= 1024, start * 2 >= sent.count {
            sent.removeFirst(start)
            start = 0
        }
        return .some(command)
    }

    /// Takes everything out.
    mutating func removeAll() -> [any Command] {
        defer {
            sent.removeAll()
            start = 0
        }
        return sent[start...].map(\.command)
    }
}
