import Dialects
import JSON
import NIOCore
import ResponseCache

/// The form in which a client wants its answer.
struct RequestedForm {
    let isStream: Bool
    /// `stream_options.include_usage`. Only of a stream; an answer in one piece tells it where it is known.
    let includesUsage: Bool

    /// Whether only an answer that tells the usage will do.
    var needsUsage: Bool { isStream && includesUsage }
    /// Whether an answer fetched for this client tells it.
    var givesUsage: Bool { !isStream || includesUsage }
}

extension RequestedForm {
    /// A cached answer as this client wants it.
    enum Rendering {
        /// The body as it is stored.
        case asStored
        /// Another body, and what it is.
        case body(ByteBuffer, contentType: String)
        /// Events, to be replayed.
        case replay(StreamRecording)
        /// The entry does not tell the usage that is wanted.
        case withoutUsage
        /// The entry is not what its form says.
        case unusable
    }

    /// - Parameters:
    ///   - stream: how the call's streams become answers in one piece and the reverse. It is nil where it has none.
    ///   - document: scratch.
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
