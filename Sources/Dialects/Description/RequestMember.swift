/// The role that a member of a request's outermost object has for the gateway.
///
/// It decides what is read, what is cut out of the body before it goes to a model, and what is not part of the cache
/// key. Whatever is cut out of the body is left out of the key too, so no member can influence the key without
/// influencing what the model sees.
public enum RequestMember: Sendable {
    /// The requested model.
    case model
    /// Whether the answer is to be a stream. It is not part of the key.
    case stream
    /// How the answer is delivered or labelled: `stream_options`. It is not part of the key.
    case delivery
    /// The client's labels for the request. `RequestForm.metadata` says, from its value, which other role it has.
    case metadata
    /// The inputs of a call that has an answer for each of them.
    case input
    /// The client's cache controls. They are cut out.
    case cache
    /// LiteLLM's switch for the cache. It is cut out.
    case caching
    /// The client's own key, which stands for the body. It is cut out.
    case cacheKey
    /// A member that LiteLLM uses itself instead of sending it to the model. It is cut out and has no effect here.
    case gatewayOnly
    /// A member for the model, or an unknown one.
    case other

    /// Whether the member is cut out, so that the model does not see it.
    public var isCut: Bool {
        switch self {
        case .cache, .caching, .cacheKey, .gatewayOnly: true
        case .model, .stream, .delivery, .metadata, .input, .other: false
        }
    }

    /// Whether two requests that differ only in this member have the same key.
    public var isOmittedFromKey: Bool {
        switch self {
        case .stream, .delivery, .metadata, .cache, .caching, .cacheKey, .gatewayOnly: true
        case .model, .input, .other: false
        }
    }
}
