/// What a request asks a model to do, in the one spelling that keys and policies use.
public enum CallType: String, Sendable, Hashable, CaseIterable {
    case completion
    case textCompletion = "text_completion"
    case embedding

    /// A bit of its own.
    var bit: UInt8 {
        switch self {
        case .completion: 1
        case .textCompletion: 2
        case .embedding: 4
        }
    }

    /// LiteLLM's name, plain or asynchronous (`acompletion`); nil for a call that the gateway does not serve.
    public init?(liteLLMName name: String) {
        switch name {
        case "completion", "acompletion": self = .completion
        case "text_completion", "atext_completion": self = .textCompletion
        case "embedding", "aembedding": self = .embedding
        default: return nil
        }
    }
}
