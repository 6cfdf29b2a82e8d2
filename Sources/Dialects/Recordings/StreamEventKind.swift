/// What an event of a streamed answer says.
public enum StreamEventKind: UInt8, Sendable {
    /// A piece of the answer, or anything else that belongs to it.
    case chunk = 0
    /// The usage after the last choice, which was requested. It is sent only to clients that requested it.
    case usage = 1
    /// The end of the stream, such as `[DONE]`.
    case done = 2
    /// The model failed before the answer was complete.
    case error = 3
    /// A comment, such as those that keep a connection open. It is passed on and not recorded.
    case comment = 4
    /// A piece of the answer that also contains the usage, as some servers send it, or the usage from a server that
    /// reports it without being asked. It is sent to every client.
    case chunkWithUsage = 5

    /// Whether the recording of a whole answer may contain it. Comments are left out, and an answer with an error is
    /// not stored.
    var isRecorded: Bool { self != .error && self != .comment }
}
