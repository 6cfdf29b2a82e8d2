import CallTypes
import JSON
import NIOCore
import ResponseCache

/// Images and audio: https://platform.openai.com/docs/api-reference/images and
/// https://platform.openai.com/docs/api-reference/audio. They are cached only where the configuration lists them.
extension OpenAI {
    static let media = [
        speech,
        audio("transcription", "/audio/transcriptions"),
        audio("translation", "/audio/translations"),
        images("image_generation", "/images/generations", takesForms: false),
        images("image_edit", "/images/edits", takesForms: true),
        images("image_variation", "/images/variations", takesForms: true),
    ]

    /// `POST /v1/audio/speech`
    private static let speech = DialectCall(
        path: "/audio/speech",
        definition: definition("speech", "/audio/speech", takesForms: false),
        request: mediaRequest,
        answer: AnswerForm(check: .anyBytes, isOfAnyType: true)
    )

    /// A call that makes a text of a recording, in the format that the request names.
    private static func audio(_ name: String, _ path: String) -> DialectCall {
        DialectCall(
            path: path,
            definition: definition(name, path, takesForms: true),
            request: mediaRequest,
            answer: AnswerForm(check: .anyBytes, isOfAnyType: true)
        )
    }

    private static func images(_ name: String, _ path: String, takesForms: Bool) -> DialectCall {
        DialectCall(
            path: path,
            definition: definition(name, path, takesForms: takesForms),
            request: mediaRequest,
            answer: AnswerForm(check: .images, longestLife: { $0.hasLink ? linkLife : nil })
        )
    }

    private static func definition(_ name: String, _ path: String, takesForms: Bool) -> CallDefinition {
        CallDefinition(
            name: name,
            configuredNames: [name, "a" + name],
            upstreamPath: path,
            isCachedByDefault: false,
            takesForms: takesForms
        )
    }

    /// How the requests are read. There is one form of an answer, so a stream is passed on.
    private static let mediaRequest = RequestForm(
        member: { RequestMember(openAI: $0) },
        mayNameNoModel: true,
        bypass: { document, _ in document.asksForEvents ? .stream : nil }
    )

    /// OpenAI's links to images work for an hour.
    private static let linkLife: UInt64 = 50 * 60_000
}

extension JSONDocument {
    /// Whether `stream` is true, or `stream_format` is anything but `audio`.
    fileprivate var asksForEvents: Bool {
        guard let root else { return false }
        if let stream = member("stream", of: root), bool(stream) == true { return true }
        guard let format = member("stream_format", of: root), kind(of: format) != .null else { return false }
        return !text(of: format, equals: "audio")
    }
}
