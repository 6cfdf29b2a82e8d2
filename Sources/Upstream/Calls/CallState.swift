import NIOCore

/// The state of a call to a model group, and what follows from each event.
///
/// It is a value without a connection, a timer or a clock: `UpstreamCall` reports events and the time to it, and
/// performs the action that is returned. After each event the call arms the `timer` that the state requires, and gives
/// back the place at a deployment that `takeReleasedDeployment` returns.
struct CallState {
    enum Stage: Equatable {
        /// No attempt is in progress, but one begins soon.
        case betweenAttempts
        /// Every deployment is full, and the call has a place in the queue.
        case queued(AdmissionState.Ticket)
        /// A new connection was requested. The number distinguishes it from earlier requests.
        case connecting(number: Int)
        /// The request was sent, and no part of the answer has been delivered.
        case waiting
        /// The receiver has the head of the answer.
        case answering
        /// The receiver is not called any more.
        case closed
    }

    // Errors are indirect, since they are so large that actions would be copied from memory to memory.
    /// What the call has to do. "Later" means after the running code has returned to the event loop, if the call is
    /// still open by then.
    enum Action: Equatable {
        case nothing
        /// Choose a deployment, and report `begin`, or `queued` or `refused` where all of them are full.
        case choose
        /// Report `send` if an unused connection is kept, and `connect` if not.
        case findConnection
        /// Request a new connection, and report the outcome unless `expects(connection:)` is false by then.
        case connect(number: Int)
        /// Answer from the deployment's mock, later, and report the head of that answer.
        case answerFromMock
        /// Report `attemptFailed` with this error, later.
        indirect case failAttemptLater(UpstreamError)
        /// Deliver the head, and what follows it.
        case deliverHead
        /// Discard the answer that has begun by leaving its connection, and go on.
        case discardAnswer(Continuation)
        /// Close the connection, if there is one, record that the attempt failed, and go on.
        indirect case attemptFailed(UpstreamError, Continuation)
        /// Give the place in the queue back, and report `leftQueue` unless the call's turn has come by then.
        case leaveQueue(AdmissionState.Ticket)
        /// Report `fail` with this error, later.
        indirect case failLater(UpstreamError)
        /// Notify the receiver that the call has failed.
        indirect case fail(UpstreamError)
    }

    /// What comes after an attempt that did not succeed.
    enum Continuation: Equatable {
        /// Another attempt: perform `choose`, later.
        case tryAgain
        /// A pause, which `timer` ends.
        case pause
        /// The receiver is notified.
        case fail
    }

    /// The only deadline of the present stage.
    struct Timer: Equatable {
        enum Purpose: Equatable {
            case connecting, firstByte, total, idle, pause, queue
        }

        let purpose: Purpose
        let deadline: NIODeadline
    }

    let group: ModelGroup
    private let isStream: Bool
    /// The longest that an attempt may take, where the request itself sets it.
    private let requestTimeout: TimeAmount?
    private let connectTimeout: TimeAmount

    private(set) var stage = Stage.betweenAttempts
    private(set) var timer: Timer?
    /// Whether reading from the upstream is paused.
    private(set) var isPaused = false
    private var attempts: Attempts
    /// The position in the group of the deployment that was chosen last.
    private var position = 0
    private var attemptDeadline = NIODeadline.distantFuture
    private var lastActivity = NIODeadline.distantPast
    private var hasReplacedStaleConnection = false
    /// How many new connections were requested.
    private var connections = 0
    /// The deployment at which this call is counted at present.
    private var countedDeployment: Int?
    private var releasedDeployment: Int?

    /// - Parameter mayRepeat: whether the request may be sent again after a failure.
    init(
        group: ModelGroup,
        isStream: Bool,
        mayRepeat: Bool = true,
        timeout: TimeAmount?,
        connectTimeout: TimeAmount,
        maxRetryDelay: TimeAmount,
        now: NIODeadline
    ) {
        self.group = group
        self.isStream = isStream
        self.requestTimeout = timeout
        self.connectTimeout = connectTimeout
        self.attempts = Attempts(
            retries: mayRepeat ? group.numRetries : 0,
            deployments: group.usableCount,
            deadline: now + min(timeout ?? group.totalTimeout, Deployment.longestTimeout),
            maxDelay: maxRetryDelay
        )
    }

    /// The state of a call that has just begun.
    // The two times are given by themselves, since a copy of the whole configuration costs more than all of this.
    init(
        _ request: borrowing UpstreamRequest,
        to group: ModelGroup,
        connectTimeout: TimeAmount,
        maxRetryDelay: TimeAmount,
        now: NIODeadline
    ) {
        self.init(
            group: group,
            isStream: request.isStream,
            mayRepeat: request.passThrough?.isRepeatable ?? true,
            timeout: request.timeout,
            connectTimeout: connectTimeout,
            maxRetryDelay: maxRetryDelay,
            now: now
        )
    }

    var isOpen: Bool { stage != .closed }

    /// The deployment that answers, or that was tried last. It is nil where the group has none.
    var deployment: Deployment? {
        group.deployments.indices.contains(position) ? group.deployments[position] : nil
    }

    /// The positions of the deployments that have failed, in order.
    var tried: [Int] { attempts.tried }

    /// The deployment at which this call is no longer counted. It is returned once, and the caller gives the place
    /// there back.
    mutating func takeReleasedDeployment() -> Int? {
        defer { releasedDeployment = nil }
        return releasedDeployment
    }
}

// MARK: - The beginning of an attempt

extension CallState {
    /// The call begins.
    func start(isShutDown: Bool) -> Action {
        isShutDown ? .failLater(UpstreamError(.shutDown, "the gateway is shutting down")) : .choose
    }

    /// A deployment was chosen.
    ///
    /// - Parameter position: its position in the group. If its calls are counted, this one is among them.
    mutating func begin(with position: Int, now: NIODeadline) -> Action {
        self.position = position
        stage = .betweenAttempts
        guard let deployment else {
            return .failLater(UpstreamError(.notConfigured, "the model has no deployment"))
        }
        countedDeployment = deployment.isCounted ? position : nil
        hasReplacedStaleConnection = false
        attemptDeadline = min(
            attempts.deadline,
            now + min(requestTimeout ?? deployment.timeout, Deployment.longestTimeout)
        )
        switch deployment.transport {
        case .network:
            return .findConnection
        case .mock:
            stage = .waiting
            return .answerFromMock
        case .unusable(let reason):
            return .failAttemptLater(UpstreamError(.notConfigured, reason))
        }
    }

    /// Every deployment is full, and the call waits for its turn.
    mutating func queued(_ ticket: AdmissionState.Ticket, now: NIODeadline) {
        stage = .queued(ticket)
        timer = Timer(purpose: .queue, deadline: min(attempts.deadline, now + group.gate.longestWait))
    }

    /// Every deployment is full, and so is the queue.
    func refused() -> Action {
        .failLater(
            UpstreamError(.overloaded, "\(group.configuredName) has as many requests as it takes, and as many wait")
        )
    }

    /// Every deployment has had as many calls as it takes in a minute.
    func limited(until end: NIODeadline, now: NIODeadline) -> Action {
        let seconds = max(1, ((end - now).nanoseconds + 999_999_999) / 1_000_000_000)
        let text = "\(group.configuredName) has had as many requests as it takes in a minute; try again in \(seconds) s"
        return .failLater(UpstreamError(.rateLimited(seconds: seconds), text))
    }

    /// The turn of the call has come at a deployment that takes no more calls in this minute, so that another is chosen.
    mutating func grantedInVain(_ position: Int) -> Action {
        releasedDeployment = position
        guard case .queued = stage else { return .nothing }
        timer = nil
        stage = .betweenAttempts
        return .choose
    }

    /// The turn of the call has come. If that is too late, the place at the deployment is released at once.
    mutating func granted(_ position: Int, now: NIODeadline) -> Action {
        guard case .queued = stage else {
            releasedDeployment = position
            return .nothing
        }
        timer = nil
        return begin(with: position, now: now)
    }

    /// The call has given its place in the queue back, since it waited too long.
    mutating func leftQueue() -> Action {
        guard case .queued = stage else { return .nothing }
        return fail(UpstreamError(.overloaded, "\(group.configuredName) had no room for the request in time"))
    }
}

// MARK: - The connection

extension CallState {
    /// No unused connection is kept, so that a new one is needed.
    mutating func connect(now: NIODeadline) -> Action {
        connections += 1
        stage = .connecting(number: connections)
        timer = Timer(purpose: .connecting, deadline: min(attemptDeadline, now + connectTimeout))
        return .connect(number: connections)
    }

    /// Whether the call still waits for the connection of that number.
    func expects(connection number: Int) -> Bool {
        stage == .connecting(number: number)
    }

    /// Whether the call waits for a connection to become ready.
    var isConnecting: Bool {
        if case .connecting = stage { true } else { false }
    }

    /// The connection is ready, and the request is about to be sent over it.
    mutating func send(now: NIODeadline) {
        stage = .waiting
        if isStream {
            timer = Timer(purpose: .firstByte, deadline: min(attempts.deadline, now + idlePatience))
        } else {
            timer = Timer(purpose: .total, deadline: attemptDeadline)
        }
    }

    /// The server takes a further part of the body, or takes none for the time being.
    ///
    /// While the next part is awaited from the client, no timeout runs, because the delay is not the server's. While the
    /// server takes none, and after the last part, it has as long as for the first byte of a stream.
    mutating func takesBody(_ takesBody: Bool, now: NIODeadline) {
        guard stage == .waiting else { return }
        timer = takesBody ? nil : Timer(purpose: .firstByte, deadline: now + idlePatience)
    }

    /// The connection has ended.
    ///
    /// - Parameter isStale: whether the end reveals nothing about the server. The connection is then replaced, once per
    ///   attempt.
    mutating func connectionFailed(
        _ error: UpstreamError,
        isStale: Bool,
        now: NIODeadline,
        chance: Double
    ) -> Action {
        guard isOpen else { return .nothing }
        if isStale, !hasReplacedStaleConnection {
            hasReplacedStaleConnection = true
            return connect(now: now)
        }
        return attemptFailed(error, now: now, chance: chance)
    }

    mutating func pauseReading() {
        isPaused = true
    }

    mutating func resumeReading(now: NIODeadline) {
        isPaused = false
        lastActivity = now
    }
}

// MARK: - The answer

extension CallState {
    /// The head of an answer has been received.
    ///
    /// - Parameter chance: a number in 0..<1, as in `attemptFailed`.
    mutating func headArrived(_ outcome: Attempts.Outcome, now: NIODeadline, chance: Double) -> Action {
        guard stage == .waiting else { return .nothing }
        switch attempts.verdict(on: outcome, of: position, now: now, chance: chance) {
        case .retry(let delay):
            leaveDeployment()
            return .discardAnswer(goOn(after: delay, now: now))
        case .deliver:
            stage = .answering
            lastActivity = now
            if isStream { timer = Timer(purpose: .idle, deadline: now + idlePatience) }
            return .deliverHead
        }
    }

    /// A part of the answer has been received.
    mutating func bytesArrived(now: NIODeadline) {
        lastActivity = now
    }

    /// The answer is complete.
    mutating func endArrived() {
        close()
    }
}

// MARK: - Failures and ends

extension CallState {
    /// The attempt has failed. It is not tried again if a part of the answer has been delivered, because that cannot be
    /// taken back.
    ///
    /// - Parameter chance: a number in 0..<1, which spreads the pauses of many calls.
    mutating func attemptFailed(_ error: UpstreamError, now: NIODeadline, chance: Double) -> Action {
        guard isOpen else { return .nothing }
        if stage != .answering,
            case .retry(let delay) = attempts.verdict(on: .failure(error), of: position, now: now, chance: chance)
        {
            leaveDeployment()
            return .attemptFailed(error, goOn(after: delay, now: now))
        }
        close()
        return .attemptFailed(error, .fail)
    }

    /// The call fails as a whole.
    mutating func fail(_ error: UpstreamError) -> Action {
        guard isOpen else { return .nothing }
        close()
        return .fail(error)
    }

    /// The answer is no longer wanted.
    ///
    /// - Returns: the place in the queue to give back, where the call has one.
    mutating func cancel() -> AdmissionState.Ticket? {
        defer { close() }
        guard case .queued(let ticket) = stage else { return nil }
        return ticket
    }

    /// The deadline of `timer` has passed.
    ///
    /// - Parameter chance: a number in 0..<1, as in `attemptFailed`.
    mutating func deadlinePassed(now: NIODeadline, chance: Double) -> Action {
        guard isOpen, let passed = timer else { return .nothing }
        timer = nil
        switch passed.purpose {
        case .pause:
            return .choose
        case .queue:
            // If its turn has come at this very moment, the call is about to be notified.
            guard case .queued(let ticket) = stage else { return .nothing }
            return .leaveQueue(ticket)
        case .connecting:
            return timedOut(.connecting, now: now, chance: chance)
        case .firstByte:
            return timedOut(.firstByte, now: now, chance: chance)
        case .total:
            return timedOut(.total, now: now, chance: chance)
        case .idle:
            let deadline = (isPaused ? now : lastActivity) + idlePatience
            guard deadline > now else { return timedOut(.idle, now: now, chance: chance) }
            timer = Timer(purpose: .idle, deadline: deadline)
            return .nothing
        }
    }

    private mutating func timedOut(_ phase: UpstreamError.Phase, now: NIODeadline, chance: Double) -> Action {
        let place = deployment?.origin ?? group.configuredName
        let error = UpstreamError(.timedOut(phase), "\(place) took too long: gave up \(phase.rawValue)")
        return attemptFailed(error, now: now, chance: chance)
    }

    /// The greatest time that a stream may take to its first byte, and between two bytes.
    private var idlePatience: TimeAmount { deployment?.streamTimeout ?? .seconds(600) }

    private mutating func goOn(after delay: TimeAmount, now: NIODeadline) -> Continuation {
        stage = .betweenAttempts
        guard delay > .zero else { return .tryAgain }
        timer = Timer(purpose: .pause, deadline: now + delay)
        return .pause
    }

    private mutating func leaveDeployment() {
        timer = nil
        if let countedDeployment { releasedDeployment = countedDeployment }
        countedDeployment = nil
    }

    private mutating func close() {
        stage = .closed
        leaveDeployment()
    }
}
