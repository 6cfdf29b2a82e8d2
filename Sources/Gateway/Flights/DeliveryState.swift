import Dialects
import ResponseCache
import Upstream

/// How one client gets the answer of the flight that it waits for, whether its request began the flight or follows it.
/// The state decides what the client waits for, when the answer is passed on, held or converted, and what the client
/// gets where that is impossible. It is a value.
///
/// `take` says what to do with what was read from the flight. Where an action may turn out to be impossible, it carries
/// the action that is to be done instead.
struct DeliveryState {
    enum Action {
        /// Nothing is to be done until there is more to read.
        case wait
        /// Read from the flight again.
        case readOn
        /// The client takes no more bytes. Report that to the flight.
        case suspend
        /// Send the head of an answer that is passed on as it arrives, then read on.
        case beginRelay(UpstreamHead, isEventStream: Bool)
        /// Send the pieces that were read, then do what follows.
        case relay(AfterPieces)
        /// Send the whole answer as the model gave it.
        case answer(UpstreamHead)
        /// Send the whole answer as a stream of events, or as the model gave it where it cannot be converted.
        case answerAsEvents(UpstreamHead, includesUsage: Bool)
        /// Assemble the events into an answer in one piece, and send that.
        indirect case answerAssembled(UpstreamHead, otherwise: Action)
        /// Determine why the stream is not whole, and call `explain`.
        case explainFailure(UpstreamHead)
        /// Send an error instead of a stream that is not whole.
        indirect case answerFailure(UpstreamHead, StreamFailure)
        /// Send the stale answer from the cache.
        indirect case answerStale(otherwise: Action)
        /// Leave the flight and call the model for this client alone.
        case callAlone(CacheStatus)
        /// Answer with an error from the gateway.
        // It is indirect because an error is so large that actions would otherwise be copied from memory to memory.
        indirect case refuse(APIError)
        /// End the answer before it is complete.
        case cutOff
    }

    /// What follows the pieces of an answer that is passed on.
    enum AfterPieces {
        /// There is more to come. Call `flushed` when the pieces are written.
        case flush(hasMore: Bool)
        /// The answer is complete.
        case finish
        /// The model failed after the head was sent.
        case cutOff(UpstreamError)
    }

    private enum Stage {
        /// The head of the answer has not arrived.
        case awaitingHead
        /// Nothing is sent until the answer is complete, so that the head can report whether it was stored, or so that
        /// it can be converted.
        case holding
        /// The head was sent, and pieces are passed on as they arrive.
        case relaying(isEventStream: Bool)
        case over
    }

    private let requested: RequestedForm
    private let isFollower: Bool
    /// Whether there is a stale answer that has not been tried yet.
    private var hasStale: Bool
    private var stage = Stage.awaitingHead
    /// Why the request was not answered from the cache, and whether the answer was stored.
    private(set) var status: CacheStatus

    init(_ requested: RequestedForm, isFollower: Bool, hasStale: Bool, status: CacheStatus) {
        self.requested = requested
        self.isFollower = isFollower
        self.hasStale = hasStale
        self.status = status
        self.status.isCollapsed = isFollower
    }

    /// What the client waits for at present.
    var interest: FlightInterest {
        switch stage {
        case .awaitingHead: .head
        case .holding: .whole
        case .relaying, .over: .pieces
        }
    }

    /// Whether the head was sent and pieces are passed on.
    var isRelaying: Bool {
        if case .relaying = stage { true } else { false }
    }

    /// Whether what is passed on is a stream of events.
    var isRelayingEvents: Bool {
        if case .relaying(isEventStream: true) = stage { true } else { false }
    }

    /// Whether an event is passed on to this client. An event that only reports the usage is passed on only to clients
    /// that requested it.
    func passesOn(_ kind: StreamEventKind) -> Bool {
        kind != .usage || requested.includesUsage
    }

    /// Notes that the answer is complete or has been abandoned, or that the client has disconnected.
    mutating func finish() {
        stage = .over
    }

    // MARK: What is read

    /// Takes what was read from the flight with `interest`.
    mutating func take(_ reading: FlightState.Reading) -> Action {
        if reading.isCutOff { return .cutOff }
        switch stage {
        case .awaitingHead:
            guard let head = reading.head else {
                guard let ending = reading.ending else { return .wait }
                return refuse(ending)
            }
            let action = begin(head, reading)
            return head.isFailure ? staleAnswer(otherwise: action) : action
        case .holding: return hold(reading)
        case .relaying: return relay(reading)
        case .over: return .wait
        }
    }

    private mutating func begin(_ head: UpstreamHead, _ reading: FlightState.Reading) -> Action {
        switch (reading.form, requested.isStream) {
        // What the model sent in reply to a request for a stream is not an answer in one piece.
        case (.other, false) where isFollower && head.status == 200: return callAlone
        case (.other, _), (.stream, true): return beginRelay(head, reading.form)
        case (.json, false) where reading.isUnrecorded: return beginRelay(head, reading.form)
        case (.json, _), (.stream, false):
            stage = .holding
            return .readOn
        }
    }

    private mutating func beginRelay(_ head: UpstreamHead, _ form: FlightForm) -> Action {
        stage = .relaying(isEventStream: form == .stream)
        return .beginRelay(head, isEventStream: form == .stream)
    }

    private func relay(_ reading: FlightState.Reading) -> Action {
        switch reading.ending {
        case nil: .relay(.flush(hasMore: reading.hasMore))
        case .complete, .incomplete: .relay(.finish)
        case .failed(let error): .relay(.cutOff(error))
        }
    }

    /// Notes that the pieces that were read have been written.
    func flushed(hasMore: Bool, clientTakesMore: Bool) -> Action {
        guard clientTakesMore else { return .suspend }
        return hasMore ? .readOn : .wait
    }

    // MARK: An answer that is held until it is complete

    private mutating func hold(_ reading: FlightState.Reading) -> Action {
        guard let ending = reading.ending else { return reading.isUnrecorded ? stopHolding(reading) : .wait }
        guard let head = reading.head else { return refuse(ending) }
        switch ending {
        case .incomplete: return .explainFailure(head)
        case .failed: return refuse(ending)
        case .complete(let isStored): status.isStored = isStored && !isFollower
        }
        switch (reading.form, requested.isStream) {
        case (.json, true): return .answerAsEvents(head, includesUsage: requested.includesUsage)
        // The model may be able to answer in one piece, so a follower calls it alone.
        case (.stream, false): return .answerAssembled(head, otherwise: isFollower ? callAlone : notAssembled)
        default: return .answer(head)
        }
    }

    /// Passes the answer on because it turned out to be too long to be held.
    private mutating func stopHolding(_ reading: FlightState.Reading) -> Action {
        guard reading.form == .json, !requested.isStream, let head = reading.head else { return callAlone }
        return beginRelay(head, reading.form)
    }

    private var notAssembled: Action {
        let error = UpstreamError(.protocolViolation, "the model's stream is no answer")
        return hasStale ? .answerStale(otherwise: .refuse(APIError(error))) : .refuse(APIError(error))
    }

    /// Takes the reason why the stream is not whole. Nothing of the stream has been sent, because a part of an answer
    /// is useless to a client that wants one piece.
    mutating func explain(_ head: UpstreamHead, _ failure: StreamFailure) -> Action {
        if failure.isUnreadable, isFollower { return callAlone }
        let action = Action.answerFailure(head, failure)
        return ModelFailure.isFailure(status: failure.status) ? staleAnswer(otherwise: action) : action
    }

    // MARK: What a client gets instead

    /// Decides what the client gets where the flight ended before anything was sent.
    private mutating func refuse(_ ending: FlightEnding) -> Action {
        switch ending {
        case .failed(let error): staleAnswer(otherwise: .refuse(APIError(error)))
        case .complete, .incomplete:
            staleAnswer(otherwise: .refuse(.internalFailure("The model's answer had no head.")))
        }
    }

    /// Tries the stale answer, but only once.
    private mutating func staleAnswer(otherwise action: Action) -> Action {
        guard hasStale else { return action }
        hasStale = false
        return .answerStale(otherwise: action)
    }

    private var callAlone: Action {
        var status = status
        status.isCollapsed = false
        status.isStored = false
        return .callAlone(status)
    }
}
