import ResponseCache
import Upstream

/// What the answer on its way is.
enum FlightForm: Sendable, Hashable {
    /// One body, complete at the end.
    case json
    /// Events, each a piece.
    case stream
    /// An error, or something else that is passed on as it is.
    case other
}

/// What a rider reads, and what wakes it when there is none of that yet.
enum FlightAppetite: Sendable, Hashable {
    /// The head alone.
    case head
    /// What has come.
    case pieces
    /// All of it, once it is whole: nothing less wakes it.
    case whole
}

/// How a flight ended.
enum FlightEnding: Sendable {
    case complete(isStored: Bool)
    /// The stream has ended, but it told a failure, or not everything.
    case incomplete
    indirect case failed(UpstreamError)
}

/// What the leader has to tell at once: what one reading from the model brought.
struct FlightNews: Sendable {
    var head: (head: UpstreamHead, form: FlightForm)?
    var pieces: [FlightPiece] = []
    /// There will be no recording of the answer: it is an error, too long, or there is no memory for it.
    var isOverlong = false
    /// The memory budget is used up.
    var isPressed = false
    var ending: FlightEnding?

    init() {}
}

/// What the one who leads is asked for. Whoever reads or leaves hands it on.
enum FlightRequest: Sendable, Hashable {
    /// No rider takes more: stop reading.
    case pause
    case resume
    /// The last rider has left.
    case abandoned
}
