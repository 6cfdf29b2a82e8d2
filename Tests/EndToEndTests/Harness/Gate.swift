import Synchronization

/// Holds answers back until the test opens it. It then stays open.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for action in waiting { action() }
    }

    func whenOpen(_ action: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiting.append(action) }
            return state.isOpen
        }
        if isOpen { action() }
    }
}

/// A streamed answer of which the test sends every event.
final class ControlledStream: Sendable {
    enum Step: Sendable {
        case send(String)
        case finish
        /// The connection breaks.
        case cut
    }

    private struct State {
        var steps: [Step] = []
        var sink: (@Sendable (Step) -> Void)?
    }

    private let state = Mutex(State())

    /// Sends one server-sent event with this data.
    func send(_ data: String) { step(.send("data: \(data)\n\n")) }

    /// Sends bytes unchanged.
    func sendText(_ text: String) { step(.send(text)) }

    /// Sends a chunk of a chat answer with a piece of the model's text.
    func sendChunk(_ content: String) {
        send(
            #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-3.5-turbo-0125","#
                + #""choices":[{"index":0,"delta":{"content":"\#(content)"},"finish_reason":null}]}"#
        )
    }

    func finish() { step(.finish) }

    func cut() { step(.cut) }

    /// Gives the stream its connection. Steps that were sent before are performed at once.
    func attach(_ sink: @escaping @Sendable (Step) -> Void) {
        state.withLock { state in
            for step in state.steps { sink(step) }
            state.steps = []
            state.sink = sink
        }
    }

    private func step(_ step: Step) {
        state.withLock { state in
            if let sink = state.sink { sink(step) } else { state.steps.append(step) }
        }
    }
}
