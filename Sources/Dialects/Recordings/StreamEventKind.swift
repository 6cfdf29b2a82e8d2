/// What an event of a streamed answer says.
public enum StreamEventKind: UInt8, Sendable {
    /// A piece of the answer, or anything else that belongs to it.
    case chunk = 0
    /// The usage behind the last choice, which was asked for: for those only who asked for it.
    case usage = 1
    /// `[DONE]`.
    case done = 2
    /// The model failed in the middle.
    case error = 3
    /// A comment, such as those that keep a connection open. It is passed on and not recorded.
    case comment = 4
    /// A piece of the answer that tells the usage as well, as some servers do, or the usage of a server that tells it unasked:
    /// for everyone.
    case chunkWithUsage = 5

    /// Whether the recording of a whole answer may have it: comments are left out, and with an error nothing is stored.
    var isRecorded: Bool { self != .error && self != .comment }
}
