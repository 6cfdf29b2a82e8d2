public import JSON
public import NIOCore

/// An error that the gateway itself reports, before it is written in the form of an API family.
public struct ErrorReport: Sendable {
    /// The HTTP status.
    public let status: Int
    /// A sentence that says what is wrong and how to correct it.
    public let message: String
    /// The class of the error, in OpenAI's words.
    public let type: String
    /// The member of the request that is at fault, where there is one.
    public let parameter: String?
    /// A code that programs can compare.
    public let code: String?

    /// An error.
    public init(status: Int, message: String, type: String, parameter: String?, code: String?) {
        self.status = status
        self.message = message
        self.type = type
        self.parameter = parameter
        self.code = code
    }
}

/// How an API family reports errors.
public struct ErrorForm: Sendable {
    /// What an event of a stream says about a failure. It is passed on to a client that wanted an answer in one piece.
    public enum Reported: Sendable {
        /// The status and the body of an error response.
        case answer(status: Int, body: ByteBuffer)
        /// Only a sentence that describes the failure.
        case message(String)
    }

    /// Returns the body of an error response, which is a JSON text.
    public let body: @Sendable (ErrorReport) -> String
    /// Returns the event, including its line ends, that ends a stream which has begun and cannot be completed.
    public let event: @Sendable (ErrorReport) -> String
    /// Reads the data of an event that reports a failure. The document has already parsed the data. The result is nil
    /// where nothing in it can be passed on.
    public let read: @Sendable (_ data: ByteBuffer, JSONDocument) -> Reported?
    /// The field, besides `x-request-id`, in which the family's clients expect the id of the request. It is nil where
    /// they expect none.
    public let requestIDField: String?

    /// A form that is made of functions without state.
    public init(
        body: @escaping @Sendable (ErrorReport) -> String,
        event: @escaping @Sendable (ErrorReport) -> String,
        read: @escaping @Sendable (_ data: ByteBuffer, JSONDocument) -> Reported?,
        requestIDField: String? = nil
    ) {
        self.requestIDField = requestIDField
        self.body = body
        self.event = event
        self.read = read
    }
}
