import CallTypes
public import Deadlines
public import NIOCore

/// A request to a model. It is bound to the event loop of its `UpstreamClient`.
///
/// It performs what `CallState` decides, with the connection, the timer and the receiver that it holds.
public final class UpstreamCall {
    private let client: UpstreamClient
    private let request: UpstreamRequest
    private let trace: (any CallTrace)?
    private var receiver: (any UpstreamReceiver)?
    private var state: CallState
    /// What is asked where the present model fails. It is nil where there is nothing else.
    private var fallbacks: FallbackState?
    /// Whether the present model is not the one that was asked first.
    private var isFallback = false
    /// Whether the receiver has the head of the answer.
    private var hasDelivered = false
    /// An answer that is held back until it is complete.
    private var held: (head: UpstreamHead, body: ByteBuffer)?
    private var connection: UpstreamConnection?
    /// The place in the pool for connections to the present deployment.
    private var place: ConnectionPool.Place?
    /// The timer that is armed.
    private var armed: (timer: CallState.Timer, token: Deadlines.Token)?

    init(
        client: UpstreamClient,
        request: consuming UpstreamRequest,
        group: ModelGroup,
        fallbacks: Fallbacks?,
        receiver: any UpstreamReceiver,
        now: NIODeadline
    ) {
        self.client = client
        self.receiver = receiver
        // What one deployment keeps, no other has; and what is passed on may be done twice where it is repeated.
        let mayGoElsewhere = request.account == nil && request.callType != nil
        self.fallbacks = mayGoElsewhere ? fallbacks.map(FallbackState.init) : nil
        self.state = CallState(
            request,
            to: group,
            connectTimeout: client.configuration.connectTimeout,
            maxRetryDelay: client.configuration.maxRetryDelay,
            now: now
        )
        trace = request.trace.flatMap { $0 as? any CallTrace }
        // Last, so that it is moved and not copied.
        self.request = request
    }

    /// Whether the receiver will still be called.
    public var isOpen: Bool { state.isOpen }

    /// The deployment that answers, or that was tried last. It is nil where the group has none.
    public var deployment: Deployment? { state.deployment }

    /// How often the request was tried again.
    public var retries: Int { state.tried.count }

    func start(now: NIODeadline) {
        perform(state.start(isShutDown: client.pool.isShutDown), now: now)
    }

    /// Ends the call: the connection is closed and the receiver is not called any more. It does nothing once the call
    /// has ended.
    public func cancel() {
        if let ticket = state.cancel() { _ = admission.giveUp(ticket, of: groupPosition) }
        if let trace { trace.attemptEnded(nil, now: client.now()) }
        _ = takeReceiver()
        settle()
        closeConnection()
    }

    /// Sends a further part of a body with a `BodyRest`. It is called only while `upstreamTakesBody` was last true, apart
    /// from what was received already.
    public func send(body bytes: ByteBuffer) {
        guard let rest = request.passThrough?.rest else { return }
        connection?.send(body: rest.framed([bytes]))
    }

    /// The body of a request with a `BodyRest` is complete.
    public func endBody() {
        guard let rest = request.passThrough?.rest else { return }
        connection?.send(body: rest.end, isLast: true)
        state.takesBody(false, now: client.now())
        settle()
    }

    /// Pauses reading from the upstream, because the client does not keep up. A little that has been read already may
    /// still be delivered. The timeout between two parts of the answer is suspended meanwhile.
    public func pauseReading() {
        state.pauseReading()
        connection?.pauseReading()
    }

    /// Resumes reading.
    public func resumeReading() {
        state.resumeReading(now: client.now())
        connection?.resumeReading()
    }
}

// MARK: - Actions

extension UpstreamCall {
    private var admission: CallAdmission { state.group.gate.admission }
    private var groupPosition: Int { state.group.gate.group }

    private func perform(_ action: CallState.Action, now: NIODeadline) {
        switch action {
        // These two are followed at once by another action, or by the request.
        case .choose: return choose(now: now)
        case .findConnection:
            beginAttempt(now: now)
            return findConnection(now: now)
        default: settle()
        }
        switch action {
        case .nothing, .deliverHead, .choose, .findConnection: break
        case .connect(let number): connect(number)
        case .answerFromMock:
            beginAttempt(now: now)
            later { $0.answerFromMock(now: $1) }
        case .failAttemptLater(let error): later { $0.attemptFailed(error, now: $1) }
        case .discardAnswer(let continuation):
            let connection = self.connection
            self.connection = nil
            connection?.abandon()
            trace?.attemptEnded(nil, now: now)
            if continuation == .tryAgain { later { $0.choose(now: $1) } }
        case .attemptFailed(let error, let continuation):
            closeConnection()
            trace?.attemptEnded(error, now: now)
            record(.failure(error), now: now)
            switch continuation {
            case .tryAgain: later { $0.choose(now: $1) }
            case .pause: break
            case .fail: failed(error, now: now)
            }
        case .leaveQueue(let ticket):
            if admission.giveUp(ticket, of: groupPosition) { perform(state.leftQueue(), now: now) }
        case .failLater(let error): later { $0.perform($0.state.fail(error), now: $1) }
        case .fail(let error): failed(error, now: now)
        }
    }

    private func beginAttempt(now: NIODeadline) {
        guard let trace, let deployment else { return }
        trace.attemptBegan(at: deployment, of: state.group, now: now)
    }

    /// The present model has failed.
    private func failed(_ error: UpstreamError, now: NIODeadline) {
        if !hasDelivered, let next = fallbacks?.failed(error) { return ask(next, now: now) }
        takeReceiver()?.upstreamFailed(error)
    }

    /// Asks another model. What the present one has answered is discarded.
    private func ask(_ group: ModelGroup, now: NIODeadline) {
        trace?.attemptEnded(nil, now: now)
        _ = state.cancel()
        settle()
        let connection = self.connection
        self.connection = nil
        connection?.abandon()
        held = nil
        isFallback = true
        state = CallState(
            request,
            to: group,
            connectTimeout: client.configuration.connectTimeout,
            maxRetryDelay: client.configuration.maxRetryDelay,
            now: now
        )
        later { $0.perform($0.state.start(isShutDown: $0.client.pool.isShutDown), now: $1) }
    }

    /// Arms the timer that the state requires, and gives back the place at a deployment that the call has left.
    private func settle() {
        if armed?.timer != state.timer {
            if let armed { client.deadlines.disarm(armed.token) }
            armed = state.timer.map { timer in
                (timer: timer, token: client.deadlines.arm(at: timer.deadline, for: self, reason: 0))
            }
        }
        if let deployment = state.takeReleasedDeployment() { admission.leave(deployment, of: groupPosition) }
    }

    private func choose(now: NIODeadline) {
        let only = request.account.flatMap { state.group.position(ofAccount: $0) }
        let choice =
            only.map { state.group.choose(only: $0, now: now) }
            ?? state.group.choose(tried: state.tried, now: now, random: &client.random)
        switch choice {
        case .deployment(let position): perform(state.begin(with: position, now: now), now: now)
        case .full(let deployments): wait(for: deployments, now: now)
        case .limited(let end): perform(state.limited(until: end, now: now), now: now)
        }
    }

    private func wait(for deployments: [Int], now: NIODeadline) {
        let call = NIOLoopBound(self, eventLoop: client.eventLoop)
        let entry = admission.wait(for: deployments, of: groupPosition, on: client.eventLoop) { deployment in
            call.value.granted(deployment)
        }
        switch entry {
        case .granted(let deployment): begin(with: deployment, now: now)
        case .queued(let ticket):
            state.queued(ticket, now: now)
            settle()
        case .refused: perform(state.refused(), now: now)
        }
    }

    /// Begins at a deployment that had room meanwhile, unless it takes no more calls in this minute.
    private func begin(with deployment: Int, now: NIODeadline) {
        guard let end = limit(of: deployment, now: now) else {
            return perform(state.begin(with: deployment, now: now), now: now)
        }
        admission.leave(deployment, of: groupPosition)
        perform(state.limited(until: end, now: now), now: now)
    }

    private func granted(_ deployment: Int) {
        let now = client.now()
        guard limit(of: deployment, now: now) == nil else {
            let action = state.grantedInVain(deployment)
            settle()
            return perform(action, now: now)
        }
        perform(state.granted(deployment, now: now), now: now)
    }

    /// Counts a call, unless the deployment takes no more in this minute, whose end is returned then.
    private func limit(of deployment: Int, now: NIODeadline) -> NIODeadline? {
        let deployments = state.group.deployments
        guard deployments.indices.contains(deployment), let rate = deployments[deployment].rate else { return nil }
        return rate.take(now: now)
    }

    private func findConnection(now: NIODeadline) {
        guard let deployment, case .network(let prepared) = deployment.transport else { return }
        if let call = request.callType, let path = prepared.unservedPath(call) {
            return perform(.failAttemptLater(.notServed(path, by: deployment.provider)), now: now)
        }
        let place = client.place(of: prepared, calls: deployment.maxParallelRequests)
        self.place = place
        // A kept connection may turn out to be closed, and then what was sent of such a body could not be sent again.
        let mayBeClosed = request.passThrough?.rest == nil
        if mayBeClosed, let connection = client.pool.take(from: place) {
            send(over: connection, now: now)
        } else {
            perform(state.connect(now: now), now: now)
        }
    }

    private func connect(_ number: Int) {
        guard let place else { return }
        client.connector.connect(place.route) { result in
            guard self.state.expects(connection: number) else {
                if case .success(let connection) = result { connection.close() }
                return
            }
            switch result {
            case .success(let connection):
                self.connection = connection
                connection.serve(self, keptBy: self.client.pool, in: place)
            case .failure(let error):
                self.attemptFailed(error, now: self.client.now())
            }
        }
    }

    private func send(over connection: UpstreamConnection, now: NIODeadline) {
        guard case .network(let prepared)? = deployment?.transport else { return }
        self.connection = connection
        state.send(now: now)
        settle()
        if state.isPaused { connection.pauseReading() }
        guard let defaults = prepared.defaults, let callType = request.callType else {
            return write(request, prepared, to: connection)
        }
        var completed = request
        completed.body = defaults.added(to: request.body, of: callType, client.document)
        write(completed, prepared, to: connection)
    }

    private func write(_ request: UpstreamRequest, _ prepared: PreparedRequest, to connection: UpstreamConnection) {
        let starValues = state.group.starValues
        let model = prepared.modelLiteral(filledWith: starValues)
        let bytes = prepared.render(
            request,
            model: model,
            starValues: starValues,
            proxy: connection.route.forwardProxy,
            head: &client.head,
            allocator: client.allocator
        )
        guard let target = request.passThrough else {
            guard request.body.isLarge else { return connection.send(bytes, for: self) }
            return connection.send(bytes, request.body.pieces(model: model), for: self)
        }
        let pieces = request.isBodyApart ? request.body.pieces(model: model) : []
        connection.send(
            bytes,
            target.rest.map { $0.framed(pieces) } ?? pieces,
            isWhole: target.rest == nil,
            isHead: target.isHead,
            for: self
        )
    }

    private func answerFromMock(now: NIODeadline) {
        guard case .mock(let mock, let calls)? = deployment?.transport else { return }
        let form = request.callType.flatMap { calls[$0].mock }
        guard let answer = mock.answer(to: request, form: form, model: state.group.name) else {
            return attemptFailed(UpstreamError(.notConfigured, "a mock cannot answer this call"), now: now)
        }
        guard isDelivered(.answer(status: answer.head.status, retryAfter: nil), now: now) else { return }
        guard deliver(answer.head, now: now) else { return }
        for piece in answer.pieces {
            deliver(piece)
            if held == nil { receiver?.upstreamReadComplete() }
        }
        finish()
    }

    /// Whether the answer with that outcome goes to the receiver. If it does not, the call goes on without it.
    private func isDelivered(_ outcome: Attempts.Outcome, now: NIODeadline) -> Bool {
        if let trace, case .answer(let status, _) = outcome {
            trace.headArrived(status: status, now: now)
        }
        record(outcome, now: now)
        let action = state.headArrived(outcome, now: now, chance: chance())
        perform(action, now: now)
        if case .deliverHead = action { return true }
        return false
    }

    private func attemptFailed(_ error: UpstreamError, now: NIODeadline) {
        perform(state.attemptFailed(error, now: now, chance: chance()), now: now)
    }

    /// Delivers the head, or holds it back.
    ///
    /// - Returns: false where another model is asked instead.
    private func deliver(_ head: UpstreamHead, now: NIODeadline) -> Bool {
        switch fallbacks?.headArrived(status: head.status) {
        case nil, .deliver: deliverNow(head)
        case .hold: held = (head, ByteBuffer())
        case .ask(let next):
            ask(next, now: now)
            return false
        }
        return true
    }

    private func deliverNow(_ head: UpstreamHead) {
        hasDelivered = true
        guard isFallback else {
            receiver?.upstreamHead(head)
            return
        }
        var head = head
        head.isFromFallback = true
        receiver?.upstreamHead(head)
    }

    private func deliver(_ bytes: ByteBuffer) {
        guard held != nil else {
            receiver?.upstreamBody(bytes)
            return
        }
        held?.body.writeImmutableBuffer(bytes)
        if let held, held.body.readableBytes > FallbackState.longestHeld { release(held) }
    }

    /// Delivers what was held back.
    private func release(_ held: (head: UpstreamHead, body: ByteBuffer)) {
        self.held = nil
        deliverNow(held.head)
        if held.body.readableBytes > 0 { receiver?.upstreamBody(held.body) }
    }

    /// The answer is complete, and the connection no longer belongs to the call.
    private func finish() {
        if let trace { trace.attemptEnded(nil, now: client.now()) }
        state.endArrived()
        connection = nil
        settle()
        if let held {
            if let next = fallbacks?.bodyArrived(held.body) { return ask(next, now: client.now()) }
            release(held)
        }
        takeReceiver()?.upstreamEnd()
    }

    private func record(_ outcome: Attempts.Outcome, now: NIODeadline) {
        guard let deployment else { return }
        if let failure = outcome.failure {
            client.configuration.events?.attemptFailed(failure, of: deployment, in: state.group)
        }
        var beganToRest = false
        defer {
            client.observer?.attemptEnded(outcome.failure, of: deployment, in: state.group, beganToRest: beganToRest)
        }
        if let failure = outcome.cooldownFailure {
            beganToRest = deployment.health.record(failure, now: now)
            if beganToRest { client.configuration.events?.leftRotation(deployment, of: state.group) }
        } else if case .answer = outcome {
            let hadRested = deployment.health.recordSuccess()
            if hadRested { client.configuration.events?.returnedToRotation(deployment, of: state.group) }
        }
    }

    private func closeConnection() {
        // The connection is forgotten first, so that its end is not taken for the reason.
        let connection = self.connection
        self.connection = nil
        connection?.close()
    }

    private func takeReceiver() -> (any UpstreamReceiver)? {
        defer { receiver = nil }
        return receiver
    }

    private func chance() -> Double { Double.random(in: 0..<1, using: &client.random) }

    private func later(_ body: @escaping (UpstreamCall, NIODeadline) -> Void) {
        client.eventLoop.assumeIsolated().execute {
            if self.isOpen { body(self, self.client.now()) }
        }
    }
}

// MARK: - Reports from the connection

extension UpstreamCall: ConnectionClient {
    func connectionIsReady(_ connection: UpstreamConnection) {
        guard state.isConnecting, self.connection === connection else { return }
        send(over: connection, now: client.now())
    }

    func takesBody(_ takesBody: Bool) {
        guard isOpen else { return }
        state.takesBody(takesBody, now: client.now())
        settle()
        receiver?.upstreamTakesBody(takesBody)
    }

    func headArrived(_ head: UpstreamHead) {
        guard state.stage == .waiting else { return }
        let now = client.now()
        if head.status == 407, let proxy = connection?.route.forwardProxy {
            let reason = "the proxy \(proxy.host):\(proxy.port) wants other credentials (407)"
            attemptFailed(UpstreamError(.proxyRefused, reason), now: now)
            return
        }
        let retryAfter = head.status < 400 ? nil : RetryAfter.read(head.fields)
        guard isDelivered(.answer(status: head.status, retryAfter: retryAfter), now: now) else { return }
        _ = deliver(head, now: now)
    }

    func bodyArrived(_ bytes: ByteBuffer) {
        guard state.stage == .answering else { return }
        deliver(bytes)
    }

    func readCompleted() {
        guard state.stage == .answering else { return }
        if request.isStream { state.bytesArrived(now: client.now()) }
        if held == nil { receiver?.upstreamReadComplete() }
    }

    func endArrived() {
        guard state.stage == .answering else { return }
        finish()
    }

    func connectionFailed(_ error: UpstreamError, isStale: Bool) {
        guard isOpen, connection != nil else { return }
        connection = nil
        let now = client.now()
        perform(state.connectionFailed(error, isStale: isStale, now: now, chance: chance()), now: now)
    }
}

// MARK: - Deadlines

extension UpstreamCall: Expiring {
    /// This is only for `Deadlines` to call.
    public func deadlinePassed(reason: UInt32) {
        armed = nil
        let now = client.now()
        perform(state.deadlinePassed(now: now, chance: chance()), now: now)
    }
}
