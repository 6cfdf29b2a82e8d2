import Dialects
import JSON
import NIOCore
import ResponseCache

/// The form in which a client wants its answer.
struct RequestedForm {
    let isStream: Bool
    /// The value of `stream_options.include_usage`. It applies only to a stream. An answer in one piece contains the
    /// usage wherever it is known.
    let includesUsage: Bool

    /// Whether the client needs an answer that contains the usage.
    var needsUsage: Bool { isStream && includesUsage }
    /// Whether an answer that is fetched for this client contains the usage.
    var givesUsage: Bool { !isStream || includesUsage }
}

extension RequestedForm {
    /// A cached answer in the form that this client wants.
    enum Rendering {
        /// The body as it is stored.
        case asStored
        /// A converted body and its content type.
        case body(ByteBuffer, contentType: String)
        /// Events to be replayed.
        case replay(StreamRecording)
        /// The entry does not contain the usage, which the client wants.
        case withoutUsage
        /// The entry's content does not match its form.
        case unusable
    }

    /// - Parameters:
    ///   - stream: how the call's streams and answers in one piece are converted to each other. It is nil where the
    ///     call has no streams.
    ///   - document: scratch space.
    func rendering(of hit: CacheHit, as stream: StreamForm?, with document: JSONDocument) -> Rendering {
        switch (hit.form, isStream) {
        case (.json, false): return .asStored
        case (.json, true):
            guard let events = stream?.events(hit.body(), includesUsage, document) else { return .unusable }
            return .body(events, contentType: "text/event-stream")
        case (.stream, _):
            guard let recording = StreamRecording(body: hit.body()) else { return .unusable }
            if !isStream {
                guard let answer = stream?.answer(recording, document) else { return .unusable }
                return .body(answer, contentType: "application/json")
            }
            return needsUsage && !recording.servesUsage ? .withoutUsage : .replay(recording)
        }
    }
}
