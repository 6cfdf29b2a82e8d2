import Testing

@testable import RedisCache

@Suite("The life of a connection")
struct ConnectionLifecycleTests {
    private func connecting() -> ConnectionLifecycle {
        var state = ConnectionLifecycle(connectTimeout: 100)
        _ = state.wanted()
        _ = state.located(now: 10)
        return state
    }

    @Test("begins when it is first wanted, and is ready after log-in")
    func beginning() {
        var state = ConnectionLifecycle(connectTimeout: 100)
        #expect(state.takesCommands && state.deadline == nil)
        var action = state.wanted()
        #expect(action == .locate)
        action = state.wanted()
        #expect(action == .none)
        action = state.located(now: 10)
        #expect(action == .connect)
        #expect(state.deadline == 110)
        #expect(state.connectingSince == 10)
        state.loggedIn()
        #expect(state.state == .ready && state.deadline == nil && state.connectingSince == nil)
    }

    @Test("gives up an attempt that takes too long")
    func slow() {
        var state = connecting()
        var action = state.due(now: 109)
        #expect(action == .none)
        action = state.due(now: 110)
        #expect(action == .giveUp)
    }

    @Test("rests after a loss, takes no commands meanwhile, and tries again")
    func loss() throws {
        var state = connecting()
        state.loggedIn()
        let attempt = state.attempt
        var action = state.lost(now: 1000, jitter: 0)
        #expect(action == .drop)
        #expect(state.attempt > attempt)
        #expect(!state.takesCommands)
        action = state.lost(now: 1000, jitter: 0)
        #expect(action == .none, "what is lost cannot be lost again")
        let due = try #require(state.deadline)
        action = state.due(now: due - 1)
        #expect(action == .none)
        action = state.due(now: due)
        #expect(action == .locate)
        #expect(!state.takesCommands, "nor while it tries")
        _ = state.located(now: due)
        #expect(!state.takesCommands)
        state.loggedIn()
        #expect(state.takesCommands)
    }

    @Test("ends for good when it is closed")
    func close() {
        var state = connecting()
        var action = state.close()
        #expect(action == .drop)
        action = state.close()
        #expect(action == .none)
        action = state.wanted()
        #expect(action == .none)
        action = state.due(now: .max)
        #expect(action == .none)
        action = state.lost(now: 0, jitter: 0)
        #expect(action == .none)
        #expect(!state.takesCommands)
    }

    @Test("does not take an answer for an earlier question")
    func late() {
        var state = connecting()
        _ = state.lost(now: 0, jitter: 0)
        state.loggedIn()
        #expect(!state.takesCommands)
        let action = state.located(now: 0)
        #expect(action == .none)
    }
}
