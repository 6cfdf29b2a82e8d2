import Testing

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
