public import Deadlines
import NIOCore

/// A request on its way. Bound to the event loop of its client.
public final class UpstreamCall {
    private enum Stage {
        /// No attempt is under way: one begins soon.
        case betweenAttempts
        /// Every deployment is full: its turn comes.
        case queued
        case connecting
        /// The request was sent.
        case waiting
        /// The receiver has the head.
        case answering
        case closed
    }

    private let client: UpstreamClient
    private let request: UpstreamRequest
    private let group: ModelGroup
    private var receiver: (any UpstreamReceiver)?
    private var attempts: Attempts

    private var stage = Stage.betweenAttempts
    private var position = 0
    /// Counts connections asked for, so that a late one is told from the one waited for.
    private var serial = 0
    private var hasReplacedStale = false
    private var connection: UpstreamConnection?
    /// Where the connections to the deployment that is tried are kept.
    private var place: ConnectionPool.Place?
    private var timer: Deadlines.Token?
    private var attemptDeadline = NIODeadline.distantFuture
    private var lastActivity = NIODeadline.distantPast
    private var isPaused = false
    /// The deployment among whose calls this one counts at present.
    private var counted: Int?
    /// Its place in the queue.
    private var ticket: AdmissionState.Ticket?

    init(client: UpstreamClient, request: UpstreamRequest, group: ModelGroup, receiver: any UpstreamReceiver) {
        self.client = client
        self.request = request
        self.group = group
        self.receiver = receiver
        self.attempts = Attempts(
            retries: group.numRetries,
            deployments: group.usableCount,
            deadline: client.now() + min(request.timeout ?? group.totalTimeout, Deployment.longestTimeout),
            maxDelay: client.configuration.maxRetryDelay
        )
    }

    /// Whether the receiver will still be called.
    public var isOpen: Bool { stage != .closed }

    /// The deployment that answers, or that was tried last.
    public var deployment: Deployment? {
        group.deployments.indices.contains(position) ? group.deployments[position] : nil
    }

    /// How often the request was tried again.
    public var retries: Int { attempts.tried.count }

    /// Ends the call: the connection is closed and the receiver is not called any more. Harmless afterwards.
    public func cancel() {
        guard let connection = end().connection else { return }
        connection.close()
    }

    /// Stops reading from the upstream, because the client does not keep up. A little that has been read
    /// already may still be delivered. No timeout between bytes runs meanwhile.
    public func pauseReading() {
        isPaused = true
        connection?.pauseReading()
    }

    /// Reads on.
    public func resumeReading() {
        isPaused = false
        lastActivity = client.now()
        connection?.resumeReading()
    }

    // MARK: Attempts

    func start() {
        guard !client.pool.isShutDown else {
            later { $0.finish(UpstreamError(.shutDown, "the gateway is shutting down")) }
            return
        }
        attempt(now: client.now())
    }

    private func attempt(now: NIODeadline) {
        switch group.choose(tried: attempts.tried, now: now, random: &client.random) {
        case .deployment(let position): begin(with: position, now: now)
        case .full(let deployments): wait(for: deployments, now: now)
        }
    }

    private func wait(for deployments: [Int], now: NIODeadline) {
        let gate = group.gate
        let call = NIOLoopBound(self, eventLoop: client.eventLoop)
        switch gate.admission.wait(for: deployments, of: gate.group, on: client.eventLoop, { call.value.granted($0) }) {
        case .granted(let deployment): begin(with: deployment, now: now)
        case .queued(let ticket):
            stage = .queued
            self.ticket = ticket
            arm(.queued, at: min(attempts.deadline, now + gate.longestWait))
        case .refused:
            later {
                $0.finish(
                    UpstreamError(.overloaded, "\($0.group.name) has as many requests as it takes, and as many wait")
                )
            }
        }
    }

    /// Its turn has come, perhaps too late.
    private func granted(_ deployment: Int) {
        ticket = nil
        guard stage == .queued else { return group.gate.admission.leave(deployment, of: group.gate.group) }
        disarm()
        begin(with: deployment, now: client.now())
    }

    private func waitedTooLong() {
        // If its turn has come at this very moment it is told at once.
        guard let ticket, group.gate.admission.giveUp(ticket, of: group.gate.group) else { return }
        self.ticket = nil
        finish(UpstreamError(.overloaded, "\(group.name) had no room for the request in time"))
    }

    /// - Parameter position: a deployment whose calls this one counts among, if they are counted.
    private func begin(with position: Int, now: NIODeadline) {
        self.position = position
        guard let deployment else {
            later { $0.finish(UpstreamError(.notConfigured, "the model has no deployment")) }
            return
        }
        stage = .betweenAttempts
        counted = deployment.isCounted ? position : nil
        hasReplacedStale = false
        attemptDeadline = min(
            attempts.deadline,
            now + min(request.timeout ?? deployment.timeout, Deployment.longestTimeout)
        )
        switch deployment.transport {
        case .network(let prepared):
            let place = client.place(of: prepared, calls: deployment.maxParallelRequests)
            self.place = place
            if let connection = client.pool.take(from: place) {
                send(over: connection, now: now)
            } else {
                connect(to: place, now: now)
            }
        case .mock(let mock):
            later { $0.answer(with: mock) }
        case .unusable(let reason):
            later { $0.attemptFailed(UpstreamError(.notConfigured, reason)) }
        }
    }

    private func connect(to place: ConnectionPool.Place, now: NIODeadline) {
        stage = .connecting
        arm(.connecting, at: min(attemptDeadline, now + client.configuration.connectTimeout))
        serial += 1
        let expected = serial
        client.connector.connect(place.route) { result in
            guard self.stage == .connecting, self.serial == expected else {
                if case .success(let connection) = result { connection.close() }
                return
            }
            switch result {
            case .success(let connection):
                self.connection = connection
                connection.serve(self, keptBy: self.client.pool, in: place)
            case .failure(let error):
                self.attemptFailed(error)
            }
        }
    }

    private func send(over connection: UpstreamConnection, now: NIODeadline) {
        guard case .network(let prepared)? = deployment?.transport else { return }
        stage = .waiting
        self.connection = connection
        if request.isStream {
            let patience = deployment?.streamTimeout ?? .seconds(600)
            arm(.firstByte, at: min(attempts.deadline, now + patience))
        } else {
            arm(.total, at: attemptDeadline)
        }
        if isPaused { connection.pauseReading() }
        let bytes = prepared.render(
            request,
            proxy: connection.route.forwardProxy,
            head: &client.head,
            allocator: client.allocator
        )
        let pieces = request.body.isLarge ? request.body.pieces(model: prepared.modelLiteral) : []
        connection.send(bytes, pieces, for: self)
    }

    private func attemptFailed(_ error: UpstreamError) {
        let now = client.now()
        detach()
        guard stage != .answering else {
            record(.failure(error), now: now)
            finish(error)
            return
        }
        stage = .betweenAttempts
        switch verdict(on: .failure(error), now: now) {
        case .deliver: finish(error)
        case .retry(let delay): retry(after: delay, now: now)
        }
    }

    private func verdict(on outcome: Attempts.Outcome, now: NIODeadline) -> Attempts.Verdict {
        record(outcome, now: now)
        let chance = Double.random(in: 0..<1, using: &client.random)
        return attempts.verdict(on: outcome, of: position, now: now, chance: chance)
    }

    private func record(_ outcome: Attempts.Outcome, now: NIODeadline) {
        guard let deployment else { return }
        if let failure = outcome.failure {
            client.configuration.events?.attemptFailed(failure, of: deployment, in: group)
        }
        if let failure = outcome.cooldownFailure {
            let beganToRest = deployment.health.record(failure, now: now)
            if beganToRest { client.configuration.events?.leftRotation(deployment, of: group) }
        } else if case .answer = outcome {
            let hadRested = deployment.health.recordSuccess()
            if hadRested { client.configuration.events?.returnedToRotation(deployment, of: group) }
        }
    }

    private func retry(after delay: TimeAmount, now: NIODeadline) {
        stage = .betweenAttempts
        if delay <= .zero {
            later { $0.attempt(now: $0.client.now()) }
        } else {
            arm(.backOff, at: now + delay)
        }
    }

    private func retryAfter(_ head: UpstreamHead) -> TimeAmount? {
        RetryAfter.parse(
            milliseconds: head.fields.first("retry-after-ms"),
            retryAfter: head.fields.first("retry-after"),
            wallClock: RetryAfter.wallClock
        )
    }

    // MARK: Mocks

    private func answer(with mock: MockResponse) {
        let answer = mock.answer(to: request, model: group.name)
        let outcome = Attempts.Outcome.answer(status: answer.head.status, retryAfter: nil)
        let now = client.now()
        if case .retry(let delay) = verdict(on: outcome, now: now) {
            retry(after: delay, now: now)
            return
        }
        stage = .answering
        receiver?.upstreamHead(answer.head)
        for piece in answer.pieces {
            receiver?.upstreamBody(piece)
            receiver?.upstreamReadComplete()
        }
        end().receiver?.upstreamEnd()
    }

    // MARK: Ends

    private func finish(_ error: UpstreamError) {
        end().receiver?.upstreamFailed(error)
    }

    /// Closes the call; the connection and the receiver are the caller's to deal with.
    private func end() -> (connection: UpstreamConnection?, receiver: (any UpstreamReceiver)?) {
        defer {
            stage = .closed
            receiver = nil
            detach()
            if let ticket, group.gate.admission.giveUp(ticket, of: group.gate.group) { self.ticket = nil }
        }
        return (connection, receiver)
    }

    private func detach() {
        disarm()
        connection = nil
        if let counted {
            self.counted = nil
            group.gate.admission.leave(counted, of: group.gate.group)
        }
    }

    private func later(_ body: @escaping (UpstreamCall) -> Void) {
        client.eventLoop.assumeIsolated().execute {
            if self.isOpen { body(self) }
        }
    }
}

// MARK: - What the connection tells

extension UpstreamCall: ConnectionClient {
    func connectionIsReady(_ connection: UpstreamConnection) {
        guard stage == .connecting, self.connection === connection else { return }
        send(over: connection, now: client.now())
    }

    func headArrived(_ head: UpstreamHead) {
        guard stage == .waiting else { return }
        let status = head.status
        if status == 407, let proxy = connection?.route.forwardProxy {
            failed(UpstreamError(.proxyRefused, "the proxy \(proxy.host):\(proxy.port) wants other credentials (407)"))
            return
        }
        let now = client.now()
        let outcome = Attempts.Outcome.answer(status: status, retryAfter: status < 400 ? nil : retryAfter(head))
        if case .retry(let delay) = verdict(on: outcome, now: now) {
            let connection = self.connection
            detach()
            connection?.abandon()
            retry(after: delay, now: now)
            return
        }
        stage = .answering
        lastActivity = now
        if request.isStream { arm(.idle, at: now + idlePatience) }
        receiver?.upstreamHead(head)
    }

    func bodyArrived(_ bytes: ByteBuffer) {
        guard stage == .answering else { return }
        receiver?.upstreamBody(bytes)
    }

    func readCompleted() {
        guard stage == .answering else { return }
        if request.isStream { lastActivity = client.now() }
        receiver?.upstreamReadComplete()
    }

    func endArrived() {
        guard stage == .answering else { return }
        end().receiver?.upstreamEnd()
    }

    func connectionFailed(_ error: UpstreamError, isStale: Bool) {
        guard isOpen, connection != nil else { return }
        if isStale, !hasReplacedStale, let place {
            hasReplacedStale = true
            disarm()
            self.connection = nil
            connect(to: place, now: client.now())
        } else {
            attemptFailed(error)
        }
    }
}

// MARK: - Deadlines

extension UpstreamCall: Expiring {
    private enum Reason: UInt32 {
        case connecting, firstByte, total, idle, backOff, queued
    }

    private var idlePatience: TimeAmount { deployment?.streamTimeout ?? .seconds(600) }

    private func arm(_ reason: Reason, at deadline: NIODeadline) {
        disarm()
        timer = client.deadlines.arm(at: deadline, for: self, reason: reason.rawValue)
    }

    private func disarm() {
        guard let token = timer else { return }
        timer = nil
        client.deadlines.disarm(token)
    }

    /// For `Deadlines` to call, and nobody else.
    public func deadlinePassed(reason: UInt32) {
        timer = nil
        guard isOpen, let reason = Reason(rawValue: reason) else { return }
        switch reason {
        case .backOff: attempt(now: client.now())
        case .queued: waitedTooLong()
        case .connecting: timedOut(.connecting)
        case .firstByte: timedOut(.firstByte)
        case .total: timedOut(.total)
        case .idle:
            let now = client.now()
            let deadline = (isPaused ? now : lastActivity) + idlePatience
            if deadline > now {
                arm(.idle, at: deadline)
            } else {
                timedOut(.idle)
            }
        }
    }

    private func timedOut(_ phase: UpstreamError.Phase) {
        let place = deployment?.origin ?? group.name
        failed(UpstreamError(.timedOut(phase), "\(place) took too long: gave up \(phase.rawValue)"))
    }

    /// Ends the attempt from this side.
    private func failed(_ error: UpstreamError) {
        let connection = self.connection
        // First, so that the connection's end is not taken for the reason.
        self.connection = nil
        connection?.close()
        attemptFailed(error)
    }
}
