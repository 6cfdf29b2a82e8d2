import Glibc
import Synchronization

/// The reloads of the process's configuration: who asks for one, and how they ended. A reload is made by the main
/// thread, which takes SIGHUP.
final class Reloads: Sendable {
    /// Called once, on the main thread, with the record after the reload that was asked for.
    typealias Completion = @Sendable (ReloadRecord) -> Void

    private struct State {
        var record: ReloadRecord
        var summary: ConfigurationSummary?
        var waiting: [Completion] = []
    }

    /// How many may wait for a reload at a time.
    private static let mostWaiting = 16

    private let state = Mutex(State(record: ReloadRecord(at: MachineClock.coarse().seconds)))

    /// [any thread] What became of the configuration so far.
    var record: ReloadRecord { state.withLock { $0.record } }

    /// [any thread] What the configuration in force says. It is nil before there is one.
    var summary: ConfigurationSummary? { state.withLock { $0.summary } }

    /// [any thread] Asks the main thread for a reload that begins after this call.
    ///
    /// - Returns: false where too many wait already. Then `done` is not called.
    func request(_ done: @escaping Completion) -> Bool {
        let isTaken = state.withLock { state in
            guard state.waiting.count < Self.mostWaiting else { return false }
            state.waiting.append(done)
            return true
        }
        if isTaken { kill(getpid(), SIGHUP) }
        return isTaken
    }

    // MARK: The main thread

    /// The first configuration is in force.
    func began(with summary: ConfigurationSummary) {
        state.withLock { $0.summary = summary }
    }

    /// A reload begins, for all that have asked for one so far.
    func begin() -> [Completion] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// A reload has ended.
    ///
    /// - Parameter summary: what the configuration in force says now. It is nil where it has not changed.
    func end(_ attempt: ReloadRecord.Attempt, _ summary: ConfigurationSummary?, for waiting: [Completion]) {
        let record = state.withLock { state in
            state.record.note(attempt)
            if let summary { state.summary = summary }
            return state.record
        }
        for done in waiting { done(record) }
    }
}
