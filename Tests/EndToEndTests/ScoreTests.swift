import Testing

/// Rerankings and moderations depend on their requests alone, and are cached.
@Suite("Rerankings and moderations", .timeLimit(.minutes(1)))
struct ScoreTests {
    @Test(
        "are answered from the cache",
        arguments: [
            (
                "/v1/rerank", #"{"model":"gpt-4","query":"q","documents":["a","b"]}"#,
                #"{"id":"r","results":[{"index":1,"relevance_score":0.9}]}"#
            ),
            (
                "/v1/moderations", #"{"model":"gpt-4","input":"x"}"#,
                #"{"id":"m","model":"gpt-4","results":[{"flagged":false}]}"#
            ),
        ]
    )
    func cached(path: String, question: String, result: String) async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: .json(result))
            for isHit in [false, true] {
                let answer = try await gateway.post(path, question)
                #expect(answer.isHit == isHit && answer.text == result)
            }
            #expect(upstream.requests.map(\.uri) == [path])
            for failure in [#"{"results":[]}"#, #"{"results":[{"error":"x"}]}"#, #"{"error":{"message":"x"}}"#] {
                upstream.answer(with: .json(failure))
                let other = question.replacing("\"gpt-4\"", with: "\"gpt-3.5-turbo\"")
                #expect(!(try await gateway.post(path, other)).cacheStatus.contains("stored"), "\(failure)")
            }
        }
    }

    @Test("A moderation that names no model goes to the default deployment, which gets a name")
    func noModel() async throws {
        let configuration = Configurations.local + "general_settings:\n  default_deployment: gpt-4\n"
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: .json(#"{"results":[{"flagged":false}]}"#))
            for isHit in [false, true] {
                #expect(try await gateway.post("/v1/moderations", #"{"input":"x","cache":{"ttl":9}}"#).isHit == isHit)
            }
            #expect(upstream.requests.map(\.text) == [#"{"input":"x","model":"gpt-4-0613"}"#])
        }
    }
}
