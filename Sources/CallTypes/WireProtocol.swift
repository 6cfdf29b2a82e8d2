/// The protocol in which a provider's servers are asked. It decides how a key is sent and which path a call has.
public enum WireProtocol: Sendable, Hashable, CaseIterable {
    /// OpenAI's, which most providers speak.
    case openAI
    /// Anthropic's Messages API.
    case anthropic
}
