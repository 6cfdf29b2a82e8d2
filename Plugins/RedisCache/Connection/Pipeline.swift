/// The commands of a connection in order: those that wait until it is ready, and those that were sent and not answered
/// yet. Redis answers in the order of the commands, so that each reply belongs to the oldest. It has no socket.
struct Pipeline {
    /// A command that waits until the connection is ready.
    struct Held {
        let command: any Command
        /// Whether it must be sent after an ASKING.
        let isAsking: Bool
    }

    /// The recipient of a reply.
    enum Recipient {
        case command(any Command)
        /// The reply answers an ASKING and is ignored.
        case asking
        case nobody
    }

    private struct Sent {
        let command: any Command
        /// Whether the reply to an ASKING comes first.
        var isAfterAsking: Bool
        let at: UInt64
    }

    private var held: [Held] = []
    private var sent: [Sent] = []
    private var start = 0

    /// How many commands were sent and not answered.
    var count: Int { sent.count - start }

    /// Since when the oldest sent command waits, in nanoseconds of the clock that `append` was given.
    var waitingSince: UInt64? { count == 0 ? nil : sent[start].at }

    // MARK: Commands

    /// Keeps a command until the connection is ready.
    mutating func hold(_ command: any Command, isAsking: Bool) {
        held.append(Held(command: command, isAsking: isAsking))
    }

    /// Removes and returns the commands that waited.
    mutating func takeHeld() -> [Held] {
        defer { held = [] }
        return held
    }

    /// Records that a command was sent.
    mutating func append(_ command: any Command, isAfterAsking: Bool, at now: UInt64) {
        sent.append(Sent(command: command, isAfterAsking: isAfterAsking, at: now))
    }

    /// Removes and returns all commands, those that were sent first.
    mutating func removeAll() -> [any Command] {
        defer {
            held = []
            sent.removeAll()
            start = 0
        }
        return sent[start...].map(\.command) + held.map(\.command)
    }

    // MARK: Replies

    /// The command that the next reply belongs to, which is not removed. It is nil where there is none or the next
    /// reply answers an ASKING.
    var first: (any Command)? { count == 0 || sent[start].isAfterAsking ? nil : sent[start].command }

    /// The expected form of the next reply.
    var expectedReply: ExpectedReply {
        guard let first else { return .line }
        var expected = first.expectedReply
        expected.isWanted = first.isWanted
        return expected
    }

    /// Returns the recipient of the next reply, and removes its command.
    mutating func next() -> Recipient {
        guard count > 0 else { return .nobody }
        if sent[start].isAfterAsking {
            sent[start].isAfterAsking = false
            return .asking
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
        return .command(command)
    }
}
