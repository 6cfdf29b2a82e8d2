/// What a connection is doing, and what follows from each thing that happens to it.
struct UpstreamConnectionState: Equatable {
    enum Phase: Equatable {
        case connecting
        case idle
        /// The request was sent, and the head of the answer has not arrived.
        case waiting
        /// The head of the answer has arrived.
        case answering(keepsAlive: Bool)
        /// The answer is whole, but bytes that belong to no answer may follow it.
        case answered(isReusable: Bool)
        case closed
    }

    /// What to do with the connection once everything that had arrived is handled.
    enum Aftermath: Equatable {
        case nothing
        case keep
        case close
    }

    private(set) var phase = Phase.connecting
    /// Whether an earlier answer arrived over it.
    private(set) var isReused = false
    /// Whether a byte of the present answer has arrived.
    private(set) var hasAnswerBytes = false
    private(set) var isAbandoned = false

    mutating func becameReady() {
        if phase == .connecting { phase = .idle }
    }

    /// A request is about to be sent.
    ///
    /// - Returns: false if the connection cannot take a request.
    mutating func begin() -> Bool {
        guard phase == .idle else { return false }
        phase = .waiting
        hasAnswerBytes = false
        return true
    }

    /// Bytes have arrived.
    ///
    /// - Returns: false if they belong to no answer, so that the connection must be closed.
    mutating func bytesArrived() -> Bool {
        switch phase {
        case .connecting, .waiting, .answering:
            hasAnswerBytes = true
            return true
        case .idle, .answered, .closed:
            return false
        }
    }

    /// The head of an answer has arrived.
    ///
    /// - Returns: false if it belongs to no request.
    mutating func headArrived(keepsAlive: Bool) -> Bool {
        guard phase == .waiting else { return false }
        phase = .answering(keepsAlive: keepsAlive)
        return true
    }

    /// The answer is whole.
    ///
    /// - Parameter isRequestSent: false if a part of the request was not written yet, since the server did not want it.
    mutating func endArrived(isRequestSent: Bool) {
        guard case .answering(let keepsAlive) = phase else { return }
        phase = .answered(isReusable: keepsAlive && isRequestSent)
    }

    /// The call does not want this answer.
    mutating func abandon() {
        isAbandoned = true
    }

    /// Everything that had arrived was read.
    mutating func readCompleted() -> Aftermath {
        switch phase {
        case .answered(isReusable: true):
            phase = .idle
            isReused = true
            isAbandoned = false
            return .keep
        case .answered(isReusable: false):
            return .close
        case .waiting, .answering:
            return isAbandoned ? .close : .nothing
        case .connecting, .idle, .closed:
            return .nothing
        }
    }

    /// Whether an end of the connection would say nothing about the server: it closed a connection that had been unused
    /// before it saw the request (RFC 9112 section 9.3.1).
    var isStale: Bool { phase == .waiting && isReused && !hasAnswerBytes }

    /// The connection is closed.
    ///
    /// - Returns: the phase that it was in. It is nil where the connection was closed before.
    mutating func closed() -> Phase? {
        guard phase != .closed else { return nil }
        defer { phase = .closed }
        return phase
    }
}
