/// A key that a client sends in a field of its own.
struct ClientKey: Sendable, Equatable {
    /// The field, in the order in which they are asked.
    enum Field: UInt8, Sendable {
        /// `x-litellm-api-key`, which is meant for the gateway whatever the other fields are for.
        case litellm
        /// `x-api-key`, as Anthropic's clients send it.
        case xAPIKey
        /// `api-key`, as Azure's clients send it.
        case apiKey
    }

    let field: Field
    let bytes: [UInt8]
}
