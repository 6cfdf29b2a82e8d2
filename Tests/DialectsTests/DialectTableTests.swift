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
            ]
        ),
    ])

    @Test("The calls of all dialects are found by their paths, each at its own position") func paths() throws {
        #expect(table.calls.map(\.type) == table.types.all)
        for call in table.calls { #expect(table.call(at: call.path.utf8) === call) }
        let echo = try #require(table.call(at: "/echo".utf8))
        #expect(table.types[echo.type].name == "echo" && echo.answer.stream == nil)
        #expect(table.call(at: "/Echo".utf8) == nil && table.call(at: "/v1/echo".utf8) == nil)
    }

    @Test("Keys hold the names that they have always held") func names() {
        let names = DialectTable([OpenAI.dialect]).types
        #expect(Set(names.all.map { names[$0].name }) == ["completion", "text_completion", "embedding"])
    }
}
