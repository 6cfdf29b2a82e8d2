public import JSON
public import NIOCore

/// Reads the events of one streamed answer and determines when the answer is whole. It is bound to one event loop.
public final class StreamReader {
    private let form: StreamForm
    private let document: JSONDocument
    private var progress: StreamProgress

    /// - Parameters:
    ///   - form: how the events are read.
    ///   - usageIsAsked: whether the model was asked for the usage.
    ///   - document: scratch space that nothing else uses during a call.
    public init(_ form: StreamForm, usageIsAsked: Bool, document: JSONDocument = JSONDocument()) {
        self.form = form
        self.document = document
        progress = StreamProgress(usageIsAsked: usageIsAsked)
    }

    /// Whether an event had two members of the same name. Such a stream cannot be assembled into an answer in one
    /// piece.
    public var isAmbiguous: Bool { progress.isAmbiguous }

    /// Whether the answer must not be stored, although it is whole.
    public var isUnfit: Bool { progress.isUnfit }

    /// Whether the answer is complete.
    public var isWhole: Bool { progress.isWhole }

    /// Returns an event as it is recorded.
    public func recorded(_ event: ServerSentEvent) -> ByteBuffer {
        form.recorded?(event, document) ?? event.raw
    }

    /// Reads the next event of the stream, and returns its kind.
    public func read(_ event: ServerSentEvent) -> StreamEventKind {
        form.read(event, &progress, document)
    }
}
