import CallTypes
import Dialects
import ResponseCache
import Testing

@Suite struct DialectTableTests {
    private let table = DialectTable([
        OpenAI.dialect,
        Dialect(
            name: "Echo",
            calls: [
                DialectCall(
                    path: "/echo",
                    definition: CallDefinition(name: "echo", configuredNames: ["echo"], upstreamPath: "/v2/echo"),
                    request: OpenAI.request,
                    answer: AnswerForm(check: AnswerCheck { _, _ in nil })
                )
            ],
            errors: OpenAI.errors,
            keyedHeaders: ["x-echo"]
        ),
    ])

    @Test("The calls of all dialects have a position each, in the order in which they were given")
    func positions() throws {
        #expect(table.calls.map(\.type) == table.types.all)
        #expect(
            table.calls.map(\.path) == [
                "/chat/completions", "/completions", "/embeddings", "/responses", "/responses/input_tokens",
                "/rerank", "/moderations", "/audio/speech", "/audio/transcriptions", "/audio/translations",
                "/images/generations", "/images/edits", "/images/variations", "/echo",
            ]
        )
        let echo = try #require(table.calls.last)
        #expect(table.types[echo.type].name == "echo" && echo.answer.stream == nil)
    }

    @Test("The headers that count for the key are those of all dialects")
    func headers() {
        #expect(table.keyedHeaders.map(\.name) == ["openai-beta", "x-echo"])
    }

    @Test("Keys hold the names that they have always held") func names() {
        let names = DialectTable([OpenAI.dialect]).types
        #expect(
            names.all.map { names[$0].name } == [
                "completion", "text_completion", "embedding", "responses", "response_input_tokens", "rerank",
                "moderation", "speech", "transcription", "translation", "image_generation", "image_edit",
                "image_variation",
            ]
        )
    }
}
