/// What a connection is doing, and what follows from what happens to it.
struct UpstreamConnectionState: Equatable {
    enum Phase: Equatable {
        case connecting
        case idle
        /// The request is on its way.
        case waiting
        /// The head of the answer has come.
        case answering(keepsAlive: Bool)
        /// The answer is whole; whether bytes follow it that nobody asked for is not known yet.
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
    /// Whether an earlier answer came over it.
    private(set) var isReused = false
    /// Whether a byte of the present answer has come.
    private(set) var hasAnswerBytes = false
    private(set) var isAbandoned = false

    mutating func becameReady() {
        if phase == .connecting { phase = .idle }
    }

    /// - Returns: false if it cannot take a request.
    mutating func begin() -> Bool {
        guard phase == .idle else { return false }
        phase = .waiting
        hasAnswerBytes = false
        return true
    }

    /// - Returns: false if nobody asked for them: the connection must go.
    mutating func bytesArrived() -> Bool {
        switch phase {
        case .connecting, .waiting, .answering:
            hasAnswerBytes = true
            return true
        case .idle, .answered, .closed:
            return false
        }
    }

    mutating func headArrived(keepsAlive: Bool) -> Bool {
        guard phase == .waiting else { return false }
        phase = .answering(keepsAlive: keepsAlive)
        return true
    }

    /// - Parameter isRequestSent: false if a part of the request is still to be written: the server did not want it.
    mutating func endArrived(isRequestSent: Bool) {
        guard case .answering(let keepsAlive) = phase else { return }
        phase = .answered(isReusable: keepsAlive && isRequestSent)
    }

    /// The call does not want this answer.
    mutating func abandon() {
        isAbandoned = true
    }

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

    /// Whether an end of the connection now only means that it was too old: the server closed it before it
    /// saw the request (RFC 9112 section 9.3.1).
    var isStale: Bool { phase == .waiting && isReused && !hasAnswerBytes }

    /// - Returns: the phase that ended; nil if it had ended before.
    mutating func closed() -> Phase? {
        guard phase != .closed else { return nil }
        defer { phase = .closed }
        return phase
    }
}
