/// How the answers of mocks to one call are written. A mock takes the place of a model (`mock_response`).
public struct MockForm: Sendable {
    /// What a mock was configured to say.
    public enum Content: Sendable {
        /// A text.
        case text(String)
        /// A vector, which is the embedding of each input.
        case embedding([Double])
    }

    /// What the answer depends on besides the content.
    public struct Request: Sendable {
        /// The name of the model that the answer contains.
        public let model: String
        /// The time at which the answer was made, in seconds since 1970.
        public let created: Int64
        /// A number that no other answer has.
        public let number: UInt64
        /// How many inputs the request has.
        public let inputCount: Int
        /// Whether a stream is to report its usage.
        public let includesUsage: Bool

        /// A request.
        public init(model: String, created: Int64, number: UInt64, inputCount: Int, includesUsage: Bool) {
            self.model = model
            self.created = created
            self.number = number
            self.inputCount = inputCount
            self.includesUsage = includesUsage
        }
    }

    /// Returns the answer in one piece, which is a JSON text.
    public let whole: @Sendable (Content, Request) -> String
    /// Returns the events of a stream, each with all of its lines, including the event that ends the stream. It is nil
    /// where the call has no streams.
    public let events: (@Sendable (Content, Request) -> [String])?
    /// Returns the body of an error response with a status, a type and a message.
    public let failure: @Sendable (_ status: Int, _ type: String, _ message: String) -> String

    /// A form that is made of functions without state.
    public init(
        whole: @escaping @Sendable (Content, Request) -> String,
        events: (@Sendable (Content, Request) -> [String])?,
        failure: @escaping @Sendable (_ status: Int, _ type: String, _ message: String) -> String
    ) {
        self.whole = whole
        self.events = events
        self.failure = failure
    }
}
