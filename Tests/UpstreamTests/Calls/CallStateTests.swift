import NIOCore
import Testing

@testable import Upstream

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
private let closedEarly = UpstreamError(.closedEarly, "the server closed the connection")

/// A group of deployments that are never called.
private func makeGroup(
    _ count: Int = 1,
    retries: Int = 0,
    timeout: TimeAmount = .seconds(30),
    streamTimeout: TimeAmount = .seconds(5),
    mock: MockResponse? = nil,
    model: String = "openai/real-model"
) throws -> ModelGroup {
    let descriptions = (0..<count).map { index in
        DeploymentDescription(
            modelName: "m",
            model: model,
            apiBase: mock == nil ? "http://127.0.0.1:\(1000 + index)/v1" : nil,
            apiKey: "sk-test",
            timeout: timeout,
            streamTimeout: streamTimeout,
            mockResponse: mock
        )
    }
    let defaults = DeploymentDefaults(numRetries: retries)
    let (directory, _) = ModelDirectory.make(
        descriptions,
        defaults: defaults,
        calls: Calls.table,
        environment: { _ in nil }
    )
    return try #require(directory.group(named: "m"))
}

private func makeState(_ group: ModelGroup, isStream: Bool = false, timeout: TimeAmount? = nil) -> CallState {
    CallState(
        group: group,
        isStream: isStream,
        timeout: timeout,
        connectTimeout: .seconds(2),
        maxRetryDelay: .seconds(5),
        now: start
    )
}

/// A call whose request was sent to its first deployment.
private func waiting(_ group: ModelGroup, isStream: Bool = false, timeout: TimeAmount? = nil) -> CallState {
    var state = makeState(group, isStream: isStream, timeout: timeout)
    _ = state.begin(with: 0, now: start)
    state.send(now: start)
    return state
}

/// A call whose receiver has the head of the answer.
private func answering(_ group: ModelGroup, isStream: Bool = false) -> CallState {
    var state = waiting(group, isStream: isStream)
    _ = state.headArrived(.answer(status: 200, retryAfter: nil), now: start, chance: 0)
    return state
}

private func failedAnswer(retryAfter: TimeAmount? = nil) -> Attempts.Outcome {
    .answer(status: 503, retryAfter: retryAfter)
}

private func timeoutPhase(_ action: CallState.Action) -> UpstreamError.Phase? {
    guard case .attemptFailed(let error, _) = action, case .timedOut(let phase) = error.kind else { return nil }
    return phase
}

@Suite("A call that succeeds")
struct SuccessfulCallTests {
    @Test("finds a connection, sends the request and delivers the answer")
    func course() throws {
        var state = makeState(try makeGroup())
        #expect(state.start(isShutDown: false) == .choose)
        #expect(state.begin(with: 0, now: start) == .findConnection)
        state.send(now: start)
        #expect(state.stage == .waiting)
        #expect(state.headArrived(.answer(status: 200, retryAfter: nil), now: start, chance: 0) == .deliverHead)
        #expect(state.stage == .answering)
        #expect(state.takeReleasedDeployment() == nil)
        state.endArrived()
        #expect(!state.isOpen)
        #expect(state.timer == nil)
    }

    @Test("gives its place at the deployment back exactly once")
    func release() throws {
        var state = answering(try makeGroup())
        state.endArrived()
        #expect(state.takeReleasedDeployment() == 0)
        #expect(state.takeReleasedDeployment() == nil)
        #expect(state.cancel() == nil)
        #expect(state.takeReleasedDeployment() == nil)
    }

    @Test("delivers the answer of a client's mistake, and does not try it again")
    func clientError() throws {
        var state = waiting(try makeGroup(2, retries: 2))
        #expect(state.headArrived(.answer(status: 400, retryAfter: nil), now: start, chance: 0) == .deliverHead)
    }
}

@Suite("A call that needs a new connection")
struct ConnectingCallTests {
    @Test("asks for one with a time limit of its own")
    func connect() throws {
        var state = makeState(try makeGroup())
        _ = state.begin(with: 0, now: start)
        #expect(state.connect(now: start) == .connect(number: 1))
        #expect(state.timer == CallState.Timer(purpose: .connecting, deadline: start + .seconds(2)))
        #expect(state.isConnecting)
        #expect(state.expects(connection: 1))
    }

    @Test("has no longer for the connection than for the attempt")
    func shortTimeout() throws {
        var state = makeState(try makeGroup(), timeout: .seconds(1))
        _ = state.begin(with: 0, now: start)
        _ = state.connect(now: start)
        #expect(state.timer?.deadline == start + .seconds(1))
    }

    @Test("does not take a connection that comes after the attempt has ended")
    func lateConnection() throws {
        var state = makeState(try makeGroup(2, retries: 1))
        _ = state.begin(with: 0, now: start)
        _ = state.connect(now: start)
        let later = start + .seconds(2)
        #expect(timeoutPhase(state.deadlinePassed(now: later, chance: 0)) == .connecting)
        #expect(!state.expects(connection: 1))
        _ = state.begin(with: 1, now: later)
        #expect(state.connect(now: later) == .connect(number: 2))
        #expect(!state.expects(connection: 1))
        #expect(state.expects(connection: 2))
    }

    @Test("does not take a connection that comes after it was cancelled")
    func cancelled() throws {
        var state = makeState(try makeGroup())
        _ = state.begin(with: 0, now: start)
        _ = state.connect(now: start)
        #expect(state.cancel() == nil)
        #expect(!state.expects(connection: 1))
        #expect(state.takeReleasedDeployment() == 0)
    }
}

@Suite("A call whose connection was stale")
struct StaleConnectionTests {
    @Test("replaces it without an attempt being counted, and keeps its place at the deployment")
    func replaced() throws {
        var state = waiting(try makeGroup())
        let action = state.connectionFailed(closedEarly, isStale: true, now: start, chance: 0)
        #expect(action == .connect(number: 1))
        #expect(state.tried.isEmpty)
        #expect(state.takeReleasedDeployment() == nil)
    }

    @Test("replaces it once per attempt")
    func once() throws {
        var state = waiting(try makeGroup(2, retries: 1))
        _ = state.connectionFailed(closedEarly, isStale: true, now: start, chance: 0)
        state.send(now: start)
        let second = state.connectionFailed(closedEarly, isStale: true, now: start, chance: 0)
        #expect(second == .attemptFailed(closedEarly, .tryAgain))
        _ = state.begin(with: 1, now: start)
        state.send(now: start)
        let third = state.connectionFailed(closedEarly, isStale: true, now: start, chance: 0)
        #expect(third == .connect(number: 2))
    }

    @Test("fails where the connection had revealed something about the server")
    func notStale() throws {
        var state = waiting(try makeGroup())
        let action = state.connectionFailed(closedEarly, isStale: false, now: start, chance: 0)
        #expect(action == .attemptFailed(closedEarly, .fail))
        #expect(!state.isOpen)
    }
}

@Suite("A call whose attempt fails")
struct FailedAttemptTests {
    @Test("goes to another deployment at once")
    func otherDeployment() throws {
        var state = waiting(try makeGroup(2, retries: 1))
        #expect(state.headArrived(failedAnswer(), now: start, chance: 0) == .discardAnswer(.tryAgain))
        #expect(state.stage == .betweenAttempts)
        #expect(state.tried == [0])
        #expect(state.takeReleasedDeployment() == 0)
        #expect(state.timer == nil)
    }

    @Test("returns to the only deployment after a pause")
    func pause() throws {
        var state = waiting(try makeGroup(retries: 1))
        let action = state.attemptFailed(closedEarly, now: start, chance: 1)
        #expect(action == .attemptFailed(closedEarly, .pause))
        #expect(state.timer == CallState.Timer(purpose: .pause, deadline: start + .milliseconds(500)))
        #expect(state.deadlinePassed(now: start + .milliseconds(500), chance: 0) == .choose)
        #expect(state.timer == nil)
    }

    @Test("pauses for as long as the server asks")
    func retryAfter() throws {
        var state = waiting(try makeGroup(retries: 1))
        let action = state.headArrived(failedAnswer(retryAfter: .seconds(3)), now: start, chance: 0)
        #expect(action == .discardAnswer(.pause))
        #expect(state.timer?.deadline == start + .seconds(3))
    }

    @Test("delivers the failed answer once no attempt is left")
    func usedUp() throws {
        var state = waiting(try makeGroup())
        #expect(state.headArrived(failedAnswer(), now: start, chance: 0) == .deliverHead)
    }

    @Test("fails with the error once no attempt is left")
    func error() throws {
        var state = waiting(try makeGroup())
        #expect(state.attemptFailed(closedEarly, now: start, chance: 0) == .attemptFailed(closedEarly, .fail))
        #expect(!state.isOpen)
        #expect(state.takeReleasedDeployment() == 0)
    }

    @Test("is not tried again once the receiver has the head")
    func inAnswer() throws {
        var state = answering(try makeGroup(2, retries: 2))
        #expect(state.attemptFailed(closedEarly, now: start, chance: 0) == .attemptFailed(closedEarly, .fail))
    }

    @Test("has the time of the deployment for each attempt, and its own for all of them")
    func deadlines() throws {
        var state = waiting(try makeGroup(2, retries: 1))
        #expect(state.timer == CallState.Timer(purpose: .total, deadline: start + .seconds(30)))
        let later = start + .seconds(10)
        _ = state.headArrived(failedAnswer(), now: later, chance: 0)
        _ = state.begin(with: 1, now: later)
        state.send(now: later)
        // The request as a whole has the longest time of any deployment, which is 30 seconds here.
        #expect(state.timer == CallState.Timer(purpose: .total, deadline: start + .seconds(30)))
    }
}

@Suite("A call that takes too long")
struct CallTimeoutTests {
    @Test("is given up while the whole answer is waited for")
    func total() throws {
        var state = waiting(try makeGroup())
        let action = state.deadlinePassed(now: start + .seconds(30), chance: 0)
        #expect(timeoutPhase(action) == .total)
        #expect(!state.isOpen)
    }

    @Test("is cut off while the rest of the answer is waited for")
    func totalInBody() throws {
        var state = answering(try makeGroup())
        #expect(state.timer == CallState.Timer(purpose: .total, deadline: start + .seconds(30)))
        #expect(timeoutPhase(state.deadlinePassed(now: start + .seconds(30), chance: 0)) == .total)
    }

    @Test("has no more time than the request says")
    func ownTimeout() throws {
        let state = waiting(try makeGroup(), timeout: .seconds(3))
        #expect(state.timer?.deadline == start + .seconds(3))
    }

    @Test("goes to another deployment where a stream does not begin in time")
    func firstByte() throws {
        var state = waiting(try makeGroup(2, retries: 1), isStream: true)
        #expect(state.timer == CallState.Timer(purpose: .firstByte, deadline: start + .seconds(5)))
        let action = state.deadlinePassed(now: start + .seconds(5), chance: 0)
        #expect(timeoutPhase(action) == .firstByte)
        #expect(state.stage == .betweenAttempts)
    }

    @Test("has no timeout while its body is awaited from the client, and the whole time while the server takes none")
    func bodyTimes() throws {
        var state = waiting(try makeGroup(), isStream: true)
        state.takesBody(true, now: start + .seconds(1))
        #expect(state.timer == nil)
        state.takesBody(false, now: start + .seconds(700))
        #expect(state.timer == CallState.Timer(purpose: .firstByte, deadline: start + .seconds(705)))
        #expect(timeoutPhase(state.deadlinePassed(now: start + .seconds(705), chance: 0)) == .firstByte)
        state.takesBody(true, now: start + .seconds(706))
        #expect(!state.isOpen && state.timer == nil)
    }

    @Test("is cut off where a stream pauses for too long, counted from the last bytes")
    func idle() throws {
        var state = answering(try makeGroup(), isStream: true)
        #expect(state.timer == CallState.Timer(purpose: .idle, deadline: start + .seconds(5)))
        state.bytesArrived(now: start + .seconds(4))
        #expect(state.deadlinePassed(now: start + .seconds(5), chance: 0) == .nothing)
        #expect(state.timer == CallState.Timer(purpose: .idle, deadline: start + .seconds(9)))
        #expect(timeoutPhase(state.deadlinePassed(now: start + .seconds(9), chance: 0)) == .idle)
    }

    @Test("is not cut off while reading is paused, and has the whole time again afterwards")
    func idleWhilePaused() throws {
        var state = answering(try makeGroup(), isStream: true)
        state.pauseReading()
        for seconds in stride(from: Int64(5), through: 50, by: 5) {
            #expect(state.deadlinePassed(now: start + .seconds(seconds), chance: 0) == .nothing)
        }
        state.resumeReading(now: start + .seconds(52))
        #expect(state.deadlinePassed(now: start + .seconds(55), chance: 0) == .nothing)
        #expect(state.timer?.deadline == start + .seconds(57))
        #expect(timeoutPhase(state.deadlinePassed(now: start + .seconds(57), chance: 0)) == .idle)
    }
}

@Suite("A call that finds every deployment full")
struct QueuedCallTests {
    /// A call with a place in the queue.
    private func queued(_ group: ModelGroup, timeout: TimeAmount? = nil) -> CallState {
        var state = makeState(group, timeout: timeout)
        state.queued(7, now: start)
        return state
    }

    @Test("waits as long as calls may wait, and no longer than it has")
    func timer() throws {
        let group = try makeGroup()
        let longest = start + group.gate.longestWait
        #expect(queued(group).timer == CallState.Timer(purpose: .queue, deadline: longest))
        #expect(queued(group, timeout: .seconds(1)).timer?.deadline == start + .seconds(1))
    }

    @Test("begins once its turn comes, and counts from then on")
    func granted() throws {
        var state = queued(try makeGroup(2))
        #expect(state.granted(1, now: start) == .findConnection)
        #expect(state.timer == nil)
        #expect(state.cancel() == nil)
        #expect(state.takeReleasedDeployment() == 1)
    }

    @Test("fails where the queue is full as well")
    func refused() throws {
        var state = makeState(try makeGroup())
        guard case .failLater(let error) = state.refused() else {
            Issue.record("the call goes on")
            return
        }
        #expect(error.kind == .overloaded)
        #expect(state.fail(error) == .fail(error))
        #expect(!state.isOpen)
    }

    @Test("leaves the queue when it has waited too long")
    func waitedTooLong() throws {
        var state = queued(try makeGroup())
        #expect(state.deadlinePassed(now: start + .seconds(5), chance: 0) == .leaveQueue(7))
        guard case .fail(let error) = state.leftQueue() else {
            Issue.record("the call goes on")
            return
        }
        #expect(error.kind == .overloaded)
        #expect(!state.isOpen)
    }

    @Test("goes on where its turn comes at the moment at which it has waited too long")
    func grantedInTime() throws {
        var state = queued(try makeGroup())
        _ = state.deadlinePassed(now: start + .seconds(5), chance: 0)
        #expect(state.granted(0, now: start + .seconds(5)) == .findConnection)
    }

    @Test("gives its place in the queue back when it is cancelled")
    func cancelled() throws {
        var state = queued(try makeGroup())
        #expect(state.cancel() == 7)
        #expect(state.cancel() == nil)
    }

    @Test("gives the place at the deployment back at once where its turn comes after it was cancelled")
    func grantedTooLate() throws {
        var state = queued(try makeGroup(2))
        _ = state.cancel()
        #expect(state.granted(1, now: start) == .nothing)
        #expect(state.takeReleasedDeployment() == 1)
        #expect(!state.isOpen)
    }
}

@Suite("A call that is cancelled")
struct CancelledCallTests {
    @Test("does nothing any more, whatever happens, in whichever stage it was")
    func everyStage() throws {
        let several = try makeGroup(2, retries: 2)
        var connecting = makeState(several)
        _ = connecting.begin(with: 0, now: start)
        _ = connecting.connect(now: start)
        var pausing = waiting(try makeGroup(retries: 1))
        _ = pausing.attemptFailed(closedEarly, now: start, chance: 0)
        let stages = [
            makeState(several), connecting, waiting(several), answering(several),
            answering(several, isStream: true), pausing,
        ]
        for var state in stages {
            #expect(state.cancel() == nil)
            #expect(state.stage == .closed)
            #expect(state.timer == nil)
            #expect(state.deadlinePassed(now: start + .hours(1), chance: 0) == .nothing)
            #expect(state.headArrived(.answer(status: 200, retryAfter: nil), now: start, chance: 0) == .nothing)
            #expect(state.attemptFailed(closedEarly, now: start, chance: 0) == .nothing)
            #expect(state.connectionFailed(closedEarly, isStale: true, now: start, chance: 0) == .nothing)
            #expect(state.fail(closedEarly) == .nothing)
        }
    }
}

@Suite("A call that needs no connection")
struct UnconnectedCallTests {
    @Test("is answered from the mock of its deployment, and counts nowhere")
    func mock() throws {
        var state = makeState(try makeGroup(mock: .text("hello")))
        #expect(state.begin(with: 0, now: start) == .answerFromMock)
        #expect(state.headArrived(.answer(status: 200, retryAfter: nil), now: start, chance: 0) == .deliverHead)
        state.endArrived()
        #expect(state.takeReleasedDeployment() == nil)
    }

    @Test("is tried again where the mock answers an error")
    func failingMock() throws {
        var state = makeState(try makeGroup(2, retries: 1, mock: .text("litellm.InternalServerError")))
        _ = state.begin(with: 0, now: start)
        #expect(state.headArrived(failedAnswer(), now: start, chance: 0) == .discardAnswer(.tryAgain))
        #expect(state.begin(with: 1, now: start) == .answerFromMock)
        #expect(state.headArrived(failedAnswer(), now: start, chance: 0) == .deliverHead)
    }

    @Test("fails where its deployment cannot be called, and is not tried again")
    func unusable() throws {
        let description = DeploymentDescription(modelName: "m", model: "openai/real-model")
        let defaults = DeploymentDefaults(numRetries: 2)
        let directory = ModelDirectory.make(
            [description],
            defaults: defaults,
            calls: Calls.table,
            environment: { _ in nil }
        ).directory
        var state = makeState(try #require(directory.group(named: "m")))
        guard case .failAttemptLater(let error) = state.begin(with: 0, now: start) else {
            Issue.record("the deployment is called")
            return
        }
        #expect(error.kind == .notConfigured)
        #expect(state.attemptFailed(error, now: start, chance: 0) == .attemptFailed(error, .fail))
    }

    @Test("fails once the client is shut down")
    func shutDown() throws {
        let state = makeState(try makeGroup())
        guard case .failLater(let error) = state.start(isShutDown: true) else {
            Issue.record("the call begins")
            return
        }
        #expect(error.kind == .shutDown)
    }
}
