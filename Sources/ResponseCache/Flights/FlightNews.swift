public import NIOCore

/// A piece of an answer on its way.
public struct FlightPiece: Sendable, Equatable {
    public let kind: StreamEventKind
    public let bytes: ByteBuffer

    public init(_ kind: StreamEventKind, _ bytes: ByteBuffer) {
        self.kind = kind
        self.bytes = bytes
    }
}

/// What the answer on its way is.
public enum FlightForm: Sendable, Hashable {
    /// One body, complete at the end.
    case json
    /// Events, each a piece.
    case stream
    /// An error, or something else that is passed on as it is.
    case other
}

/// What a rider reads, and what wakes it when there is none of that yet.
public enum FlightAppetite: Sendable, Hashable {
    /// The head alone.
    case head
    /// What has come.
    case pieces
    /// All of it, once it is whole: nothing less wakes it.
    case whole
}

/// How a flight ended.
public enum FlightEnding<Failure: Sendable>: Sendable {
    case complete(isStored: Bool)
    case failed(Failure)
    /// The model failed, and what was cached before it is to be served.
    case stale(KeptAnswer)
}

/// What the leader has to tell at once: what one reading from the model brought.
public struct FlightNews<Head: Sendable, Failure: Sendable>: Sendable {
    public var head: (head: Head, form: FlightForm)?
    public var pieces: [FlightPiece] = []
    /// The answer has become too long to be kept.
    public var isOverlong = false
    public var ending: FlightEnding<Failure>?

    public init() {}
}

/// What the one who leads is asked for. Whoever reads or leaves hands it on.
public enum FlightRequest: Sendable, Hashable {
    /// No rider takes more: stop reading.
    case pause
    case resume
    /// The last rider has left.
    case abandoned
}
