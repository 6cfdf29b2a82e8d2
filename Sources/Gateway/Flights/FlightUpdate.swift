import ResponseCache
import Upstream

/// What kind of answer the model gives.
enum FlightForm: Sendable, Hashable {
    /// One body, which is complete at the end.
    case json
    /// A stream of events, each of which is a piece.
    case stream
    /// An error, or something else that is passed on as it is.
    case other
}

/// What a reader of a flight waits for.
enum FlightInterest: Sendable, Hashable {
    /// The head alone.
    case head
    /// The pieces that have arrived, as they arrive.
    case pieces
    /// The complete answer. Nothing less wakes the reader.
    case whole
}

/// How a flight ended.
enum FlightEnding: Sendable {
    case complete(isStored: Bool)
    /// The stream has ended, but it reported a failure or was not whole.
    case incomplete
    indirect case failed(UpstreamError)
}

/// What a flight's call has cost, and what came of storing its answer.
struct FlightAccount: Sendable {
    /// The tokens of the answer. It is nil where they are not known.
    var usage: TokenUsage?
    /// What came of storing the answer. It is nil where the call failed.
    var storing: StoreDecision?

    /// What came of storing the answer, as a sentence for the log.
    var explanation: String {
        switch storing {
        case nil: "there was no answer to be stored"
        case .handedOver, .unconfirmed: "the answer was handed to the cache's backend"
        case .notStored(let reason): "the answer was not stored: \(reason.reason)"
        }
    }
}

/// What one read from the model returned. The leader publishes it as a unit, so that a head and the events that arrived
/// with it are sent in one write.
struct FlightUpdate: Sendable {
    var head: (head: UpstreamHead, form: FlightForm)?
    var pieces: [FlightPiece] = []
    /// Whether the answer will not be recorded, because it is an error, it is too long, or there is no memory for it.
    var isUnrecorded = false
    /// Whether the memory budget is used up.
    var isUnderPressure = false
    var ending: FlightEnding?
    /// What the call has cost. It comes with the ending.
    var account = FlightAccount()

    init() {}
}

/// What the readers of a flight collectively ask of its leader.
enum LeaderSignal: Sendable, Hashable {
    /// No reader takes more bytes, so the leader should stop reading.
    case pause
    /// A reader takes more bytes again.
    case resume
    /// The last reader has left.
    case abandoned
}
