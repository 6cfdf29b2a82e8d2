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

/// The paths of Azure's clients lead to the same calls.
@Suite("Azure's paths", .timeLimit(.minutes(1)))
struct AzurePathTests {
    @Test(
        "name the model, whatever the body says",
        arguments: [
            "/openai/deployments/gpt-4/chat/completions?api-version=2024-06-01", "/engines/gpt-4/chat/completions",
            "/v1/engines/gpt-4/chat/completions",
        ]
    )
    func deployments(path: String) async throws {
        try await withGateway { gateway, upstream async throws in
            for (body, sent) in [
                (#"{"messages":[],"model":"other"}"#, #"{"messages":[],"model":"gpt-4-0613"}"#),
                (#"{"messages":[]}"#, #"{"messages":[],"model":"gpt-4-0613"}"#),
            ] {
                let first = try await gateway.post(path, body)
                #expect(first.wasForwarded("miss") && upstream.requests.last?.text == sent, "\(first.text)")
                #expect(try await gateway.post(path, body).isHit)
            }
            let unknown = try await gateway.post(path.replacing("gpt-4", with: "gpt-5"), "{}")
            #expect(unknown.status == 404 && unknown.json["error"]["code"].string == "model_not_found")
            #expect(upstream.requests.allSatisfy { $0.uri == "/v1/chat/completions" })
        }
    }

    @Test("serve the AzureOpenAI client, with its key in api-key")
    func client() async throws {
        try await withGateway(Configurations.authenticated) { gateway, upstream async throws in
            upstream.answer { request, number in
                request.uri.hasSuffix("/responses")
                    ? Answer.responses(request, number) : Answer.eitherForm(request, number)
            }
            let lines = try await Python.run(
                """
                import openai
                client = openai.AzureOpenAI(azure_endpoint='\(gateway.url)', api_key='sk-master', api_version='2024-10-21', max_retries=0)
                for _ in range(2):
                    raw = client.chat.completions.with_raw_response.create(model='gpt-4', messages=[{'role': 'user', 'content': 'hi'}])
                    print(raw.headers['cache-status'].split(';')[1].strip(), raw.parse().choices[0].message.content)
                print(''.join(chunk.choices[0].delta.content or '' for chunk in client.chat.completions.create(model='gpt-4', messages=[{'role': 'user', 'content': 'hi'}], stream=True)))
                print(client.responses.create(model='gpt-4', input='x').id)
                new = openai.OpenAI(base_url='\(gateway.url)/openai/v1', api_key='sk-master', max_retries=0)
                print(new.responses.create(model='gpt-4', input='x').id)
                """
            )
            #expect(
                lines == ["fwd=miss one two three", "hit one two three", "one two three", "resp_2", "resp_2"],
                "\(lines)"
            )
            #expect(upstream.calls == 2)
        }
    }
}
