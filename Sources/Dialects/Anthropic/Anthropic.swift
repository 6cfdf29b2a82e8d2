import CallTypes
import JSON
import ResponseCache

/// Anthropic's Messages API.
public enum Anthropic {
    /// The dialect of the API family.
    public static let dialect = Dialect(
        name: "Anthropic",
        calls: [messages, tokenCounts],
        errors: errors,
        keyedHeaders: [
            "anthropic-version", KeyedHeader("anthropic-beta", isSet: true), "anthropic-user-profile-id",
        ],
        mount: "/anthropic"
    )

    private static let messages = DialectCall(
        path: "/messages",
        definition: CallDefinition(
            name: "anthropic_messages",
            configuredNames: ["anthropic_messages", "aanthropic_messages"],
            upstreamPath: "/messages",
            wire: .anthropic,
            mock: AnthropicMocks.messages
        ),
        request: request,
        answer: AnswerForm(check: .message, stream: stream)
    )

    /// A count depends on the request alone, so that it is cached like an answer.
    private static let tokenCounts = DialectCall(
        path: "/messages/count_tokens",
        definition: CallDefinition(
            name: "anthropic_count_tokens",
            configuredNames: ["anthropic_count_tokens", "aanthropic_count_tokens"],
            upstreamPath: "/messages/count_tokens",
            wire: .anthropic,
            mock: AnthropicMocks.tokenCounts
        ),
        request: RequestForm(member: { RequestMember(anthropic: $0) }),
        answer: AnswerForm(check: .tokenCount)
    )

    /// How the requests for messages are read.
    public static let request = RequestForm(
        member: { RequestMember(anthropic: $0) },
        bypass: { document, allowance in document.messageBypass(allowance) }
    )

    /// How the streams are read and converted.
    public static let stream = StreamForm(
        endMarks: [#""message_stop"}"#, #""message_stop" }"#],
        read: { event, progress, document in progress.readMessageEvent(event, with: document) },
        answer: { recording, document in MessageAssembler.answer(recording, with: document) },
        events: { body, _, document in MessageEvents.events(of: body, with: document) }
    )
}
