import CallTypes
import JSON
import ResponseCache

/// The Responses API: https://platform.openai.com/docs/api-reference/responses
extension OpenAI {
    /// `POST /v1/responses`
    static let responses = DialectCall(
        path: "/responses",
        definition: CallDefinition(
            name: "responses",
            configuredNames: ["responses", "aresponses"],
            upstreamPath: "/responses",
            mock: ResponseMocks.form
        ),
        request: responsesRequest,
        answer: AnswerForm(
            check: .response,
            stream: responsesStream,
            longestLife: { _ in responseLife },
            describesKeptObject: true
        ),
        errors: responsesErrors
    )

    /// `POST /v1/responses/input_tokens`, which counts the tokens of a request and has no effect.
    static let responseTokens = DialectCall(
        path: "/responses/input_tokens",
        definition: CallDefinition(
            name: "response_input_tokens",
            configuredNames: ["response_input_tokens", "aresponse_input_tokens"],
            upstreamPath: "/responses/input_tokens"
        ),
        request: responsesRequest,
        answer: AnswerForm(check: .tokenCount)
    )

    /// OpenAI keeps a response for 30 days. Its id, which an entry repeats, is of no use to a client after that.
    private static let responseLife: UInt64 = 29 * 86_400_000

    /// How the requests are read.
    static let responsesRequest = RequestForm(
        member: { RequestMember(openAI: $0) },
        // An answer repeats the request's metadata, so requests with different metadata must not share one.
        metadata: { document, value in document.isMetadata(value) ? .other : .gatewayOnly },
        continuedObject: { $0.continuedResponse },
        bypass: { document, allowance in document.responseBypass(allowance) }
    )

    /// How the streams are read and converted. OpenAI ends a stream without `[DONE]`, which other servers add.
    static let responsesStream = StreamForm(
        endMarks: ["data: [DONE]", "data:[DONE]"],
        read: { event, progress, document in progress.readResponse(event, with: document) },
        recorded: { event, document in event.withoutPadding(document) },
        answer: { recording, document in recording.response(with: document) },
        events: { body, _, document in ResponseEventMaker.events(of: body, with: document) }
    )
}
