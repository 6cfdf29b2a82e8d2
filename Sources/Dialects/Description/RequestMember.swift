/// What the gateway makes of a member of a request's outermost object.
///
/// It decides what is read, what is cut out of the body before it goes to a model, and what does not count for the key.
/// Whatever is cut out is left out of the key too, so no member can make a difference to one of the two alone.
public enum RequestMember: Sendable {
    /// The model that is asked for.
    case model
    /// Whether the answer is to be a stream. Not part of the key.
    case stream
    /// How the answer is delivered or labelled: `stream_options`, `metadata`. Not part of the key.
    case delivery
    /// The inputs of a call that has an answer for each of them.
    case input
    /// The client's cache controls. Cut out.
    case cache
    /// LiteLLM's switch for the cache. Cut out.
    case caching
    /// What LiteLLM takes for itself instead of sending it to the model. Cut out, and without effect here.
    case gatewayOnly
    /// The model's own members, and those that nobody knows.
    case other

    /// Whether the model does not see it.
    public var isCut: Bool {
        switch self {
        case .cache, .caching, .gatewayOnly: true
        case .model, .stream, .delivery, .input, .other: false
        }
    }

    /// Whether two requests that differ in it alone have the same key.
    public var isOmittedFromKey: Bool {
        switch self {
        case .stream, .delivery, .cache, .caching, .gatewayOnly: true
        case .model, .input, .other: false
        }
    }
}
