import NIOCore

/// The state of a client's connection. It collects one request at a time within the limits and decides what to do next.
///
/// It knows no channel. The connection reads parts of requests for it while `wantsParts` is true, and performs the
/// actions.
struct ConnectionState {
    enum Action {
        case none
        /// Send `100 Continue`, for which the client waits.
        case sendContinue
        /// Answer the request, which is complete.
        case dispatch(ByteBuffer)
        /// Pass the request on with the beginning of its body. The rest follows.
        case dispatchBeginning(ByteBuffer)
        /// Pass a further part of the body on.
        case pass(ByteBuffer)
        /// The body that was passed on in parts is complete.
        case endBody
        /// The body that is passed on in parts cannot be read to its end. Give up the answer in progress: answer with this
        /// error, or cut off what has begun.
        indirect case giveUp(APIError)
        /// Answer with this error. The answer ends the connection where `keepsAlive` is false. The case is indirect,
        /// since an error is so large that actions would be copied in memory.
        indirect case refuse(APIError)
        /// The answer is complete and the next request may come.
        case next
        /// The answer is complete and the connection ends: close the sending side, continue reading for a moment so
        /// that the client sees the answer rather than a reset, then close.
        case linger
    }

    enum Stage: Equatable {
        /// The connection is between requests.
        case idle
        /// A request's head was admitted, and its body is being received.
        case receiving
        /// A request is being passed on while its body is being received.
        case passing
        /// The same, but no part of the body is read at present, because its receiver takes none.
        case holding
        /// A request was refused because of its head. Its short body is read and dropped first.
        case discarding
        /// The request is complete and its answer is not.
        case answering
        /// The answer is sent and the connection ends. Bytes that are still received are dropped.
        case lingering
    }

    /// The largest body in bytes that is read and dropped to keep the connection of a refused request.
    static let discardLimit = 64 * 1024

    private(set) var stage: Stage = .idle
    /// Whether another request may follow on this connection.
    private(set) var keepsAlive = true
    /// The greatest size of a request body in bytes.
    var bodyLimit: Int
    /// After how many bytes of its body the request is passed on. It is nil where the body is collected.
    private var passesAfter: Int?
    private var body: ByteBuffer?
    private var refusal: APIError?

    /// Whether the next part of a request may be read, because no request waits for its answer.
    var wantsParts: Bool {
        switch stage {
        case .idle, .receiving, .passing, .discarding: true
        case .holding, .answering, .lingering: false
        }
    }

    /// Whether the body is being passed on, and is not complete.
    var isPassing: Bool { stage == .passing || stage == .holding }

    /// Whether received bytes are kept, because they belong to this request or to another one that will be read.
    var readsOn: Bool {
        switch stage {
        case .idle, .receiving, .passing, .holding, .discarding: true
        case .answering: keepsAlive
        case .lingering: false
        }
    }

    /// - Parameter bodyLimit: the greatest size of a request body in bytes.
    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// The length in bytes from which memory for the whole body is allocated at once. Enlarging it repeatedly would
    /// copy the body as often.
    private static let largeBody = 256 * 1024

    /// A head was read and admitted.
    ///
    /// - Parameters:
    ///   - bodyLength: the length of the body that follows. It is 0 where the head does not state it.
    ///   - passesAfter: after how many bytes of its body the request is passed on. It is nil where the body is collected.
    mutating func admitted(
        keepsAlive: Bool,
        expectsContinue: Bool,
        bodyLength: Int = 0,
        passesAfter: Int? = nil
    ) -> Action {
        self.keepsAlive = keepsAlive
        self.passesAfter = passesAfter
        stage = .receiving
        // Allocated memory that is not written to takes no physical memory.
        body =
            bodyLength < Self.largeBody || passesAfter != nil
            ? nil : ByteBufferAllocator().buffer(capacity: bodyLength)
        return expectsContinue ? .sendContinue : .none
    }

    /// A head was read and refused.
    ///
    /// - Parameter contentLength: the length of the body that follows. It is nil where the head does not state it.
    mutating func refused(_ error: APIError, keepsAlive: Bool, contentLength: Int?, isWaiting: Bool) -> Action {
        if let contentLength, contentLength <= Self.discardLimit, !isWaiting {
            self.keepsAlive = keepsAlive
            refusal = error
            stage = .discarding
            return .none
        }
        self.keepsAlive = false
        stage = .answering
        return .refuse(error)
    }

    @inline(__always)
    mutating func received(body part: ByteBuffer) -> Action {
        switch stage {
        case .receiving:
            let size = (body?.readableBytes ?? 0) + part.readableBytes
            guard size <= bodyLimit || passesAfter != nil else { return broken(.tooLarge(limit: bodyLimit)) }
            if body == nil {
                body = part
            } else {
                var part = part
                body?.writeBuffer(&part)
            }
            guard let passesAfter, size > passesAfter else { return .none }
            stage = .passing
            defer { body = nil }
            return .dispatchBeginning(body ?? ByteBuffer())
        case .passing, .holding:
            return .pass(part)
        case .idle, .discarding, .answering, .lingering:
            return .none
        }
    }

    mutating func receivedEnd() -> Action {
        switch stage {
        case .receiving:
            stage = .answering
            defer { body = nil }
            return .dispatch(body ?? ByteBuffer())
        case .passing, .holding:
            stage = .answering
            return .endBody
        case .discarding:
            stage = .answering
            defer { refusal = nil }
            return refusal.map(Action.refuse) ?? .none
        case .idle, .answering, .lingering:
            return .none
        }
    }

    /// The received bytes are not a request, or its body cannot be read to its end. It is answered, and the connection
    /// ends.
    mutating func broken(_ error: APIError) -> Action {
        if isPassing {
            keepsAlive = false
            return .giveUp(error)
        }
        guard wantsParts else { return .none }
        keepsAlive = false
        stage = .answering
        body = nil
        defer { refusal = nil }
        return .refuse(refusal ?? error)
    }

    /// The receiver of a body takes no part of it for the time being, or takes more.
    mutating func holdBody(_ isHeld: Bool) {
        if isPassing { stage = isHeld ? .holding : .passing }
    }

    /// The answer's last byte was written. If the body is not complete, the rest is not read.
    mutating func answered() -> Action {
        if isPassing {
            keepsAlive = false
        } else if stage != .answering {
            return .none
        }
        stage = keepsAlive ? .idle : .lingering
        return keepsAlive ? .next : .linger
    }

    /// The answer cannot be completed. The bytes that were sent are still delivered, and the connection ends after
    /// them.
    mutating func cutOff() -> Action {
        guard stage != .lingering else { return .none }
        keepsAlive = false
        stage = .lingering
        return .linger
    }

    /// No further request is read on this connection.
    mutating func endAfterAnswer() {
        keepsAlive = false
    }

    /// The gateway stops waiting for the connection, which ends after its last answer.
    mutating func stop() -> Action {
        keepsAlive = false
        guard stage == .idle else { return .none }
        stage = .lingering
        return .linger
    }
}
