import Synchronization

/// A value that tests wait for. Waiting ends when the test is cancelled, so that nothing hangs past a time limit.
final class Observed<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var observers: [AsyncStream<Value>.Continuation] = []
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    /// Changes the value and notifies everything that waits.
    @discardableResult
    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        state.withLock { state in
            let result = change(&state.value)
            state.observers.removeAll { observer in
                if case .terminated = observer.yield(state.value) { return true }
                return false
            }
            return result
        }
    }

    /// The value as soon as it satisfies the condition.
    func first(where condition: (Value) -> Bool) async throws -> Value {
        let (values, observer) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            observer.yield(state.value)
            state.observers.append(observer)
        }
        for await value in values where condition(value) { return value }
        throw CancellationError()
    }
}
