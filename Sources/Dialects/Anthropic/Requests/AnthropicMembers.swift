import JSON

extension RequestMember {
    /// The role of a member of a request for a message. LiteLLM's members are cut out as everywhere, except those that
    /// Anthropic has under the same name.
    ///
    /// - Parameter name: the member's name. Escapes in it are decoded.
    init(anthropic name: JSONText) {
        let role = RequestMember(openAI: name)
        self =
            switch role {
            // It has an opaque id of the user, which agents also use for that of the session. It is not part of the
            // answer.
            case .metadata: .delivery
            case .model, .stream, .delivery, .cache, .caching, .cacheKey, .other: role
            case .gatewayOnly: name.equals("fallbacks") ? .other : .gatewayOnly
            case .input: .other
            }
    }
}
