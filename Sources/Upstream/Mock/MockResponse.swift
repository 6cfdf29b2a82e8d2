/// `mock_response`: what a deployment answers without a network.
public enum MockResponse: Sendable, Equatable {
    /// The content of the answer. `litellm.RateLimitError`, `litellm.ContextWindowExceededError` and
    /// `litellm.InternalServerError` answer that error instead.
    case text(String)
    /// A JSON object that is the answer.
    case json(String)
    /// The embedding of every input.
    case embedding([Double])
}
