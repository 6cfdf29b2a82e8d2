import NIOCore

/// Decides when a call goes on with another model, because the one that was asked has failed or takes fewer tokens than
/// the request has.
///
/// It is a value: `UpstreamCall` reports what the present model answers, before any of it is delivered.
struct FallbackState {
    /// What follows the head of an answer.
    enum Verdict {
        case deliver
        /// The head and the body are held back, and `isOver` says at the end of the body what follows.
        case hold
        /// The answer is discarded, and this model is asked.
        case ask(ModelGroup)
    }

    /// The longest body that is held back, in bytes. What an error says is shorter.
    static let longestHeld = 64 * 1024

    private var onFailure: ArraySlice<ModelGroup>
    private var onContextWindow: ArraySlice<ModelGroup>

    init(_ fallbacks: Fallbacks) {
        onFailure = fallbacks.onFailure[...]
        onContextWindow = fallbacks.onContextWindow[...]
    }

    /// The head of an answer has arrived, and the model is not asked again.
    mutating func headArrived(status: Int) -> Verdict {
        if Self.isFailure(status), let next = onFailure.popFirst() { return .ask(next) }
        return status == 400 && !onContextWindow.isEmpty ? .hold : .deliver
    }

    /// The body that was held back is complete.
    ///
    /// - Returns: the model that is asked instead. It is nil where the answer is to be delivered.
    mutating func bodyArrived(_ body: ByteBuffer) -> ModelGroup? {
        ContextWindow.isExceeded(accordingTo: body) ? onContextWindow.popFirst() : nil
    }

    /// The model has failed without an answer.
    ///
    /// - Returns: the model that is asked instead, if there is one.
    mutating func failed(_ error: UpstreamError) -> ModelGroup? {
        error.kind == .shutDown ? nil : onFailure.popFirst()
    }

    /// Whether another model may do what this one does not: it fails, refuses the deployment's key or does not exist.
    /// Other answers are about the request, which no other model would take either.
    private static func isFailure(_ status: Int) -> Bool {
        ModelFailure.isFailure(status: status) || status == 401 || status == 403 || status == 404
    }
}

/// Recognises answers that say that a request has more tokens than the model takes.
enum ContextWindow {
    /// What the errors of providers contain, in lower case.
    private static let signs = [
        "context_length_exceeded", "maximum context length", "context window",
        "string too long. expected a string with",
        "model's maximum context limit", "exceeds the maximum number of tokens", "is longer than the model's context",
        "input tokens exceed the configured limit", "prompt is too long", "exceeds the available context size",
        "exceed context limit", "input is too long", "context window exceeded",
    ].map { Array($0.utf8) }

    /// Whether the body of an error contains one of the signs, in whatever case.
    static func isExceeded(accordingTo body: ByteBuffer) -> Bool {
        let text = body.readableBytesView.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
        return signs.contains { sign in contains(sign, in: text) }
    }

    private static func contains(_ sign: [UInt8], in text: [UInt8]) -> Bool {
        guard text.count >= sign.count else { return false }
        return (0...text.count - sign.count).contains {
            text[$0] == sign[0] && text[$0..<$0 + sign.count].elementsEqual(sign)
        }
    }
}
