import CallTypes
import JSON
import ResponseCache

/// OpenAI's API, which most other providers also support.
public enum OpenAI {
    /// The dialect of the API family.
    public static let dialect = Dialect(
        name: "OpenAI",
        calls: [chatCompletions, completions, embeddings, responses, responseTokens, rerank, moderations] + media,
        errors: errors,
        keyedHeaders: ["openai-beta"],
        mount: "/openai"
    )

    private static let chatCompletions = DialectCall(
        path: "/chat/completions",
        definition: CallDefinition(
            name: "completion",
            configuredNames: ["completion", "acompletion"],
            upstreamPath: "/chat/completions",
            mock: OpenAIMocks.form(.chat)
        ),
        request: chatRequest,
        answer: AnswerForm(check: .choices, stream: stream)
    )

    private static let completions = DialectCall(
        path: "/completions",
        definition: CallDefinition(
            name: "text_completion",
            configuredNames: ["text_completion", "atext_completion"],
            upstreamPath: "/completions",
            mock: OpenAIMocks.form(.text)
        ),
        request: request,
        answer: AnswerForm(check: .choices, stream: stream)
    )

    private static let embeddings = DialectCall(
        path: "/embeddings",
        definition: CallDefinition(
            name: "embedding",
            configuredNames: ["embedding", "aembedding"],
            upstreamPath: "/embeddings",
            mock: OpenAIMocks.form(.embeddings)
        ),
        request: request,
        answer: AnswerForm(kept: .byInput, check: .embeddings, stream: stream)
    )

    /// The relevance of documents to a query. It is not OpenAI's, but many servers have it beside OpenAI's calls.
    private static let rerank = DialectCall(
        path: "/rerank",
        definition: CallDefinition(name: "rerank", configuredNames: ["rerank", "arerank"], upstreamPath: "/rerank"),
        request: request,
        answer: AnswerForm(check: .results)
    )

    private static let moderations = DialectCall(
        path: "/moderations",
        definition: CallDefinition(
            name: "moderation",
            configuredNames: ["moderation", "amoderation"],
            upstreamPath: "/moderations"
        ),
        request: RequestForm(member: { RequestMember(openAI: $0) }, defaultModel: "omni-moderation-latest"),
        answer: AnswerForm(check: .results)
    )

    /// How the requests of chats are read.
    public static let chatRequest = RequestForm(
        member: { RequestMember(openAI: $0) },
        metadata: { document, value in document.takesMetadata(value) ? .delivery : .gatewayOnly },
        asksForUsage: { $0.asksForUsage }
    )

    /// How the requests of calls without `metadata` of their own are read.
    public static let request = RequestForm(
        member: { RequestMember(openAI: $0) },
        asksForUsage: { $0.asksForUsage }
    )

    /// How the streams are read and converted.
    public static let stream = StreamForm(
        endMarks: ["data: [DONE]", "data:[DONE]"],
        read: { event, progress, document in progress.read(event, with: document) },
        answer: { recording, document in recording.answer(with: document) },
        events: { body, includesUsage, document in body.events(includesUsage: includesUsage, with: document) }
    )
}

extension JSONDocument {
    /// Whether `stream_options.include_usage` is true.
    fileprivate var asksForUsage: Bool {
        guard let root, let options = member("stream_options", of: root),
            let usage = member("include_usage", of: options)
        else { return false }
        return bool(usage) ?? false
    }
}
