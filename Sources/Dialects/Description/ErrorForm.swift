public import JSON
public import NIOCore

/// An error of the gateway's own, in no API family's form.
public struct ErrorReport: Sendable {
    /// The HTTP status.
    public let status: Int
    /// A sentence that says what is wrong and how to mend it.
    public let message: String
    /// The class of the error, in OpenAI's words.
    public let type: String
    /// The member of the request that is at fault.
    public let parameter: String?
    /// A word for programs.
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
    /// What an event of a stream says of a failure, to be passed on to a client that wanted an answer in one piece.
    public enum Reported: Sendable {
        /// The status and the body of an error's answer.
        case answer(status: Int, body: ByteBuffer)
        /// Only a sentence.
        case message(String)
    }

    /// The body of an error's answer, a JSON text.
    public let body: @Sendable (ErrorReport) -> String
    /// The event that ends a stream which has begun and cannot be completed, with its line ends.
    public let event: @Sendable (ErrorReport) -> String
    /// Reads what the data of an event that reports a failure says. The document has parsed the data. The result is nil
    /// where nothing of it can be passed on.
    public let read: @Sendable (_ data: ByteBuffer, JSONDocument) -> Reported?

    /// A form that is made of functions without state.
    public init(
        body: @escaping @Sendable (ErrorReport) -> String,
        event: @escaping @Sendable (ErrorReport) -> String,
        read: @escaping @Sendable (_ data: ByteBuffer, JSONDocument) -> Reported?
    ) {
        self.body = body
        self.event = event
        self.read = read
    }
}
