/// A member of requests that `litellm_params` can set for a deployment: it is sent where the client does not set it.
public struct ModelParameter: Sendable {
    /// The name of the member.
    public let name: String
    /// The names, in keys, of the calls that have such a member.
    public let calls: [String]
    /// Members that say the same. Where the client sets one of them, this one is not sent.
    public let alternatives: [String]

    private init(_ name: String, _ calls: [String], alternatives: [String] = []) {
        self.name = name
        self.calls = calls
        self.alternatives = alternatives
    }

    /// Every parameter, in the order in which they are sent.
    public static let all: [ModelParameter] = [
        ModelParameter("temperature", texts + responses + messages),
        ModelParameter("top_p", texts + responses + messages),
        ModelParameter("top_k", texts + messages),
        ModelParameter("n", texts),
        ModelParameter(
            "max_tokens",
            texts + messages,
            alternatives: ["max_completion_tokens", "max_output_tokens"]
        ),
        ModelParameter("max_completion_tokens", chat, alternatives: ["max_tokens"]),
        ModelParameter("max_output_tokens", responses),
        ModelParameter("stop", texts),
        ModelParameter("seed", texts),
        ModelParameter("user", texts + responses + embeddings),
        ModelParameter("presence_penalty", texts),
        ModelParameter("frequency_penalty", texts),
        ModelParameter("logit_bias", texts),
        ModelParameter("logprobs", texts),
        ModelParameter("top_logprobs", chat + responses),
        ModelParameter("response_format", chat),
        ModelParameter("tools", chat),
        ModelParameter("tool_choice", chat),
        ModelParameter("parallel_tool_calls", chat + responses),
        ModelParameter("functions", chat),
        ModelParameter("function_call", chat),
        ModelParameter("reasoning_effort", chat),
        ModelParameter("thinking", chat + messages),
        ModelParameter("modalities", chat),
        ModelParameter("audio", chat),
        ModelParameter("prediction", chat),
        ModelParameter("service_tier", chat + responses + messages),
        ModelParameter("store", chat + responses),
        ModelParameter("verbosity", chat),
        ModelParameter("web_search_options", chat),
        ModelParameter("safety_settings", chat),
        ModelParameter("safety_identifier", chat + responses),
        ModelParameter("prompt_cache_key", chat + responses),
        ModelParameter("dimensions", embeddings),
        ModelParameter("encoding_format", embeddings),
        ModelParameter("input_type", embeddings),
    ]

    /// The calls to which the members of `extra_body` are sent.
    public static let callsWithExtraBody = texts + responses + messages + embeddings

    private static let chat = ["completion"]
    private static let texts = ["completion", "text_completion"]
    private static let embeddings = ["embedding"]
    private static let responses = ["responses"]
    private static let messages = ["anthropic_messages"]
}
