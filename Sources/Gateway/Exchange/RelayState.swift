import NIOCore
import Upstream

/// How an answer that is neither stored nor shared is passed on, and what the client gets where the model fails. It is
/// a value.
///
/// Where an action may turn out to be impossible, it carries the action that is to be done instead.
struct RelayState {
    enum Action {
        case none
        /// Send the head, and pass on what follows it.
        case begin(BodyFraming)
        /// Pass these bytes on.
        case pass(BodyFraming)
        /// The answer is complete.
        case finish(BodyFraming)
        /// Serve the stale answer from the cache, and abandon the call.
        indirect case answerStale(otherwise: Action)
        /// Answer with an error from the gateway.
        // It is indirect because an error is so large that actions would otherwise be copied from memory to memory.
        indirect case refuse(UpstreamError)
        /// End the answer before it is complete. The last event of an event stream says why.
        indirect case cutOff(UpstreamError, event: BodyFraming?)
    }

    private enum Stage {
        /// The head of the answer has not arrived.
        case awaitingHead
        /// The head was sent, and bytes are passed on as they arrive.
        case relaying(BodyFraming, isEventStream: Bool)
        case over
    }

    private let isHTTP10: Bool
    private let isHead: Bool
    /// Whether there is a stale answer that has not been tried yet.
    private var hasStale: Bool
    private var stage = Stage.awaitingHead
    /// The last bytes of an event stream.
    private var tail: StreamTail

    /// - Parameters:
    ///   - isHTTP10: whether the client uses HTTP/1.0, which has no chunked encoding.
    ///   - isHead: whether the request is HEAD, so that its answer has no body.
    ///   - hasStale: whether the cache has a stale answer.
    ///   - endMarks: the texts of which one ends the last event of a stream.
    init(isHTTP10: Bool, isHead: Bool = false, hasStale: Bool, endMarks: [StaticString]) {
        tail = StreamTail(endMarks: endMarks)
        self.isHTTP10 = isHTTP10
        self.isHead = isHead
        self.hasStale = hasStale
    }

    var isOver: Bool {
        if case .over = stage { true } else { false }
    }

    /// Whether bytes are passed on.
    var isRelaying: Bool {
        if case .relaying = stage { true } else { false }
    }

    /// How the last event of a stream that is cut off is to be framed. It is nil where no event can be sent.
    var eventFraming: BodyFraming? {
        // Bytes beyond the length in the head would be read as the beginning of another answer.
        guard case .relaying(let framing, isEventStream: true) = stage, !framing.hasKnownEnd else { return nil }
        return framing
    }

    private func framing(of head: UpstreamHead) -> BodyFraming {
        if head.status == 204 || head.status == 304 { return .headOnly }
        if isHead { return head.contentLength.map(BodyFraming.length) ?? .headOnly }
        return BodyFraming.of(length: head.contentLength, isHTTP10: isHTTP10)
    }

    mutating func take(_ head: UpstreamHead) -> Action {
        let framing = framing(of: head)
        stage = .relaying(framing, isEventStream: head.isEventStream)
        return head.isFailure ? stale(otherwise: .begin(framing)) : .begin(framing)
    }

    mutating func take(_ bytes: ByteBuffer) -> Action {
        guard case .relaying(let framing, let isEventStream) = stage else { return .none }
        if isEventStream { tail.take(bytes) }
        return .pass(framing)
    }

    /// Notes that the model's answer is complete.
    mutating func end() -> Action {
        guard case .relaying(let framing, _) = stage else { return .none }
        stage = .over
        return .finish(framing)
    }

    mutating func fail(_ error: UpstreamError) -> Action {
        switch stage {
        case .over: return .none
        case .awaitingHead:
            stage = .over
            return stale(otherwise: .refuse(error))
        case .relaying(let framing, let isEventStream):
            let event = eventFraming
            stage = .over
            // The stream is whole, so anything that was to follow its end does not matter.
            if isEventStream, tail.isDone, !framing.hasKnownEnd { return .finish(framing) }
            return .cutOff(error, event: event)
        }
    }

    /// Notes that the client has disconnected, or that its answer was completed in another way.
    mutating func finish() {
        stage = .over
    }

    /// Tries the stale answer, but only once.
    private mutating func stale(otherwise action: Action) -> Action {
        guard hasStale else { return action }
        hasStale = false
        return .answerStale(otherwise: action)
    }
}
