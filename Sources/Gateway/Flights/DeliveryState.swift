import Dialects
import ResponseCache
import Upstream

/// How one client gets the answer of the flight that it waits for, whether it led or follows: what it waits for, when
/// the answer is passed on, held or converted, and what the client gets where that cannot be done. A value.
///
/// `take` says what to do with what was read from the flight. Where an action may turn out to be impossible, it carries
/// the action that is to be done instead.
struct DeliveryState {
    enum Action {
        /// Nothing is to be done until there is more to read.
        case wait
        /// Read from the flight again.
        case readOn
        /// The client takes no more bytes. Tell the flight.
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
        /// Find out why the stream is not whole, and call `explain`.
        case explainFailure(UpstreamHead)
        /// Send an error instead of a stream that is not whole.
        indirect case answerFailure(UpstreamHead, StreamFailure)
        /// Send what was cached before.
        indirect case answerStale(otherwise: Action)
        /// Leave the flight and call the model for this client alone.
        case callAlone(CacheStatus)
        /// Answer with an error of the gateway.
        // Indirect, since an error is so large that actions would be copied from memory to memory.
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

    private enum State {
        /// The head of the answer has not arrived.
        case awaitingHead
        /// The answer is complete before anything of it is sent, to say whether it is stored, or to convert it.
        case holding
        /// The head was sent, and pieces are passed on as they arrive.
        case relaying(isEventStream: Bool)
        case over
    }

    private let requested: RequestedForm
    private let isFollower: Bool
    /// Whether there is an answer past its time that has not been tried yet.
    private var hasStale: Bool
    private var state = State.awaitingHead
    /// Why the request was not answered from the cache, and what became of the answer.
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
        switch state {
        case .awaitingHead: .head
        case .holding: .whole
        case .relaying, .over: .pieces
        }
    }

    /// Whether the head was sent and pieces are passed on.
    var isRelaying: Bool {
        if case .relaying = state { true } else { false }
    }

    /// Whether what is passed on is a stream of events.
    var isRelayingEvents: Bool {
        if case .relaying(isEventStream: true) = state { true } else { false }
    }

    /// Whether an event is for this client: one that tells the usage is only for those who asked for it.
    func passesOn(_ kind: StreamEventKind) -> Bool {
        kind != .usage || requested.includesUsage
    }

    /// The answer is complete or has been given up, or the client has gone.
    mutating func finish() {
        state = .over
    }

    // MARK: What is read

    /// Takes what was read from the flight with `interest`.
    mutating func take(_ reading: FlightState.Reading) -> Action {
        if reading.isCutOff { return .cutOff }
        switch state {
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
        // What the model sent to a request for a stream is no answer in one piece.
        case (.other, false) where isFollower && head.status == 200: return callAlone
        case (.other, _), (.stream, true): return beginRelay(head, reading.form)
        case (.json, false) where reading.isUnrecorded: return beginRelay(head, reading.form)
        case (.json, _), (.stream, false):
            state = .holding
            return .readOn
        }
    }

    private mutating func beginRelay(_ head: UpstreamHead, _ form: FlightForm) -> Action {
        state = .relaying(isEventStream: form == .stream)
        return .beginRelay(head, isEventStream: form == .stream)
    }

    private func relay(_ reading: FlightState.Reading) -> Action {
        switch reading.ending {
        case nil: .relay(.flush(hasMore: reading.hasMore))
        case .complete, .incomplete: .relay(.finish)
        case .failed(let error): .relay(.cutOff(error))
        }
    }

    /// The pieces that were read are written.
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
        // The model may well answer in one piece where a follower asks for that.
        case (.stream, false): return .answerAssembled(head, otherwise: isFollower ? callAlone : notAssembled)
        default: return .answer(head)
        }
    }

    /// The answer turned out to be too long to be held.
    private mutating func stopHolding(_ reading: FlightState.Reading) -> Action {
        guard reading.form == .json, !requested.isStream, let head = reading.head else { return callAlone }
        return beginRelay(head, reading.form)
    }

    private var notAssembled: Action {
        let error = UpstreamError(.protocolViolation, "the model's stream is no answer")
        return hasStale ? .answerStale(otherwise: .refuse(APIError(error))) : .refuse(APIError(error))
    }

    /// Takes the reason why the stream is not whole. Nothing of it was sent, since a part of an answer is of no use.
    mutating func explain(_ head: UpstreamHead, _ failure: StreamFailure) -> Action {
        if failure.isUnreadable, isFollower { return callAlone }
        let action = Action.answerFailure(head, failure)
        return ModelFailure.isFailure(status: failure.status) ? staleAnswer(otherwise: action) : action
    }

    // MARK: What a client gets instead

    /// The flight ended before anything was sent.
    private mutating func refuse(_ ending: FlightEnding) -> Action {
        switch ending {
        case .failed(let error): staleAnswer(otherwise: .refuse(APIError(error)))
        case .complete, .incomplete:
            staleAnswer(otherwise: .refuse(.internalFailure("The model's answer had no head.")))
        }
    }

    /// What was cached before is tried once.
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
