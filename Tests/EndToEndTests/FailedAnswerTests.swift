import Testing

/// Some servers report a failure with status 200. The client gets their answer, and no other client ever does.
@Suite("Answers with status 200 that report a failure", .timeLimit(.minutes(1)))
struct FailedAnswerTests {
    private static let choice = #"{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}"#

    /// Sends a request twice that the model answers with `answer`, and expects it to be passed on each time.
    private func expectPassedOn(
        _ answer: Answer,
        _ body: String,
        _ ask: (GatewayProcess) async throws -> Response,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: answer)
            for number in 1...2 {
                let answer = try await ask(gateway)
                #expect(answer.status == 200, sourceLocation: sourceLocation)
                #expect(answer.text == body, sourceLocation: sourceLocation)
                #expect(!answer.isHit && !answer.cacheStatus.contains("stored"), sourceLocation: sourceLocation)
                #expect(upstream.calls == number, sourceLocation: sourceLocation)
            }
        }
    }

    @Test(
        "In one piece they are passed on and not stored",
        arguments: [
            #"{"error":{"message":"overloaded"}}"#, #"{"choices":[\#(choice)],"error":{"message":"overloaded"}}"#,
            #"{"choices":[null]}"#, #"{"choices":[{}]}"#, #"{"choices":[\#(choice),null]}"#,
            #"{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"error"}]}"#,
            #"{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"error":{"code":502}}]}"#,
        ]
    )
    func json(body: String) async throws {
        try await expectPassedOn(.json(body), body) { try await $0.chat("hello") }
    }

    @Test(
        "So are text completions",
        arguments: [
            #"{"choices":[{"index":0,"text":"a","finish_reason":"error"}]}"#, #"{"choices":[null]}"#,
            #"{"choices":[{"index":0,"text":"a","finish_reason":"stop"}],"error":"no"}"#,
        ]
    )
    func text(body: String) async throws {
        try await expectPassedOn(.json(body), body) {
            try await $0.post("/v1/completions", #"{"model":"gpt-3.5-turbo-instruct","prompt":"a"}"#)
        }
    }

    @Test(
        "So are embeddings",
        arguments: [
            #"{"error":"no","object":"list","data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"object":"list","data":[{"index":0,"embedding":[1],"error":"no"}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"object":"list","data":[null],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
        ]
    )
    func embeddings(body: String) async throws {
        try await expectPassedOn(.json(body), body) { try await $0.embed(["a"]) }
    }

    private static let piece = #"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#
    private static let last = #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#

    @Test(
        "In a stream they are passed on and not stored",
        arguments: [
            [piece, #"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#],
            [piece, #"{"choices":[null]}"#, last],
            [piece, #"{"choices":[{}]}"#, last], [piece, #"{"error":{"message":"overloaded"}}"#],
            [piece, #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","error":{"code":502}}]}"#],
        ]
    )
    func stream(events: [String]) async throws {
        let body = (events + ["[DONE]"]).map { "data: \($0)\n\n" }.joined()
        let answer = Answer(headers: [("content-type", "text/event-stream")], body: .bytes(Array(body.utf8)))
        try await expectPassedOn(answer, body) { try await $0.chat("hello", #""stream":true"#) }
    }

    @Test("What is legal is stored: an error of null, and a filter's chunk without a choice")
    func legal() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: .json(#"{"choices":[\#(Self.choice)],"error":null}"#))
            _ = try await gateway.chat("one")
            #expect(try await gateway.chat("one").isHit)
            let events = [
                #"{"choices":[],"prompt_filter_results":[{}],"error":null}"#, Self.piece, Self.last, "[DONE]",
            ]
            let body = events.map { "data: \($0)\n\n" }.joined()
            upstream.answer(
                with: Answer(headers: [("content-type", "text/event-stream")], body: .bytes(Array(body.utf8)))
            )
            _ = try await gateway.chat("two", #""stream":true"#)
            let hit = try await gateway.chat("two", #""stream":true"#)
            #expect(hit.isHit && hit.text == body)
        }
    }
}
