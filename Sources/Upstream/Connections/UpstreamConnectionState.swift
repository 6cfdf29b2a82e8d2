/// The state of a connection, and what follows from each event.
struct UpstreamConnectionState: Equatable {
    enum Stage: Equatable {
        case connecting
        case idle
        /// The request was sent, and the head of the answer has not been received.
        case waiting
        /// The head of the answer has been received.
        case answering(keepsAlive: Bool)
        /// The answer is complete, but bytes that do not belong to an answer may follow it.
        case answered(isReusable: Bool)
        case closed
    }

    /// What to do with the connection once everything received has been handled.
    enum Aftermath: Equatable {
        case nothing
        case keep
        case close
    }

    private(set) var stage = Stage.connecting
    /// Whether an earlier answer was received on this connection.
    private(set) var isReused = false
    /// Whether a byte of the present answer has been received.
    private(set) var hasAnswerBytes = false
    private(set) var isAbandoned = false

    mutating func becameReady() {
        if stage == .connecting { stage = .idle }
    }

    /// A request is about to be sent.
    ///
    /// - Returns: false if the connection cannot take a request.
    mutating func begin() -> Bool {
        guard stage == .idle else { return false }
        stage = .waiting
        hasAnswerBytes = false
        return true
    }

    /// Bytes have been received.
    ///
    /// - Returns: false if they do not belong to an answer, so that the connection must be closed.
    mutating func bytesArrived() -> Bool {
        switch stage {
        case .connecting, .waiting, .answering:
            hasAnswerBytes = true
            return true
        case .idle, .answered, .closed:
            return false
        }
    }

    /// The head of an answer has been received.
    ///
    /// - Returns: false if it does not belong to a request.
    mutating func headArrived(keepsAlive: Bool) -> Bool {
        guard stage == .waiting else { return false }
        stage = .answering(keepsAlive: keepsAlive)
        return true
    }

    /// The answer is complete.
    ///
    /// - Parameter isRequestSent: false if a part of the request was not written yet, since the server did not read it.
    mutating func endArrived(isRequestSent: Bool) {
        guard case .answering(let keepsAlive) = stage else { return }
        stage = .answered(isReusable: keepsAlive && isRequestSent)
    }

    /// The call does not want this answer.
    mutating func abandon() {
        isAbandoned = true
    }

    /// Everything received has been read.
    mutating func readCompleted() -> Aftermath {
        switch stage {
        case .answered(isReusable: true):
            stage = .idle
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

    /// Whether an end of the connection would reveal nothing about the server: it may have closed a connection that had
    /// been unused before it received the request (RFC 9112 section 9.3.1).
    var isStale: Bool { stage == .waiting && isReused && !hasAnswerBytes }

    /// The connection is closed.
    ///
    /// - Returns: the stage before. It is nil where the connection was closed already.
    mutating func closed() -> Stage? {
        guard stage != .closed else { return nil }
        defer { stage = .closed }
        return stage
    }
}
