/// The answer of a deployment without a network: `mock_response`.
public enum MockResponse: Sendable, Equatable {
    /// The content of the answer. `litellm.RateLimitError`, `litellm.ContextWindowExceededError` and
    /// `litellm.InternalServerError` stand for the answer with that error.
    case text(String)
    /// A JSON object that is the answer.
    case json(String)
    /// The embedding of every input.
    case embedding([Double])
}
