import PluginKit
import Synchronization

/// Messages of other threads to the I/O thread. Waking it costs a system call only while it sleeps.
final class Inbox: Sendable {
    enum Message: Sendable {
        case operation(OperationMessage)
        case resolved(connection: UInt64, attempt: UInt64, Result<[SocketAddress], BackendFailure>)
        case stop
    }

    private struct State {
        var messages: [Message] = []
        var isReaderAsleep = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    /// [any thread] Hands a message over.
    func post(_ message: Message) {
        let wakes = state.withLock { state in
            state.messages.append(message)
            defer { state.isReaderAsleep = false }
            return state.isReaderAsleep
        }
        if wakes { wakeUp.signal() }
    }

    /// [I/O thread] Swaps the received messages into `messages`, which is empty.
    func take(into messages: inout [Message]) {
        state.withLock { swap(&$0.messages, &messages) }
    }

    /// [I/O thread] Whether there is no message, so that the thread may sleep and will be woken.
    func mayFallAsleep() -> Bool {
        state.withLock { state in
            state.isReaderAsleep = state.messages.isEmpty
            return state.isReaderAsleep
        }
    }

    /// [I/O thread] The thread is awake and need not be woken.
    func wokeUp() { state.withLock { $0.isReaderAsleep = false } }
}
