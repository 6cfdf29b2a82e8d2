public import JSON

/// Reads the events of one streamed answer and knows when it is whole. Bound to one event loop.
public final class StreamReader {
    private let form: StreamForm
    private let document: JSONDocument
    private var progress: StreamProgress

    /// - Parameters:
    ///   - form: how the events are read.
    ///   - usageIsAsked: whether the model was asked for the usage.
    ///   - document: scratch, which nobody else uses during a call.
    public init(_ form: StreamForm, usageIsAsked: Bool, document: JSONDocument = JSONDocument()) {
        self.form = form
        self.document = document
        progress = StreamProgress(usageIsAsked: usageIsAsked)
    }

    /// Whether an event has two members of one name: such a stream cannot be put together to an answer in one piece.
    public var isAmbiguous: Bool { progress.isAmbiguous }

    /// Whether the answer is complete.
    public var isWhole: Bool { progress.isWhole }

    /// Takes the next event of the stream, and says what it is.
    public func read(_ event: ServerSentEvent) -> StreamEventKind {
        form.read(event, &progress, document)
    }
}
