import Testing

/// The real openai package uses the Responses API through the gateway.
@Suite("The openai package's Responses API", .timeLimit(.minutes(2)))
struct ResponsesPackageTests {
    private static let script = """
        import asyncio, json, sys, openai, pydantic
        base, key = sys.argv[1] if len(sys.argv) > 1 else '', 'x'

        class Place(pydantic.BaseModel):
            city: str

        def dump(response):
            value = response.to_dict()
            for item in value['output']:
                for part in item.get('content') or []: part.pop('parsed', None)
                item.pop('parsed_arguments', None)
            return json.dumps(value, sort_keys=True)

        """

    /// Asks in every way that the package has, in two orders, and compares what the package makes of the answers.
    @Test("gets the same from a stream and from one piece, missed and hit, sync and async", arguments: [false, true])
    func forms(streamFirst: Bool) async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(Answer.responses)
            let lines = try await Python.run(
                Self.script + """
                    client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key=key, max_retries=0)
                    other = openai.AsyncOpenAI(base_url='\(gateway.url)/v1', api_key=key, max_retries=0)
                    asked = dict(model='gpt-4', input='where?')

                    def whole(): return dump(client.responses.create(**asked))
                    def events():
                        seen = list(client.responses.create(stream=True, **asked))
                        assert [event.sequence_number for event in seen] == list(range(len(seen))), seen
                        assert seen[0].type == 'response.created' and seen[-1].type == 'response.completed'
                        return dump(seen[-1].response)
                    def accumulated():
                        with client.responses.stream(**asked) as stream:
                            text = ''
                            for event in stream:
                                if event.type == 'response.output_text.delta': text += event.delta
                            final = stream.get_final_response()
                            assert text == final.output_text == '{"city": "Zürich"}', text
                            return dump(final)
                    async def alike():
                        one = dump(await other.responses.create(**asked))
                        async with other.responses.stream(**asked) as stream:
                            two = dump(await stream.get_final_response())
                        await other.close()
                        return [one, two]

                    steps = [events, accumulated, whole] if '\(streamFirst)' == 'true' else [whole, events, accumulated]
                    for step in steps: print(step())
                    for line in asyncio.run(alike()): print(line)
                    parsed = client.responses.parse(text_format=Place, model='gpt-4', input='where?')
                    print(parsed.output_parsed.city)
                    parsed = client.responses.parse(text_format=Place, model='gpt-4', input='where?')
                    print(parsed.output_parsed.city, parsed.output[2].name, parsed.output[2].arguments)
                    """
            )
            #expect(lines.count == 7 && Set(lines.prefix(5)).count == 1, "\(lines)")
            #expect(lines.suffix(2) == ["Zürich", #"Zürich weather {"in":"Zürich"}"#])
            // `parse` sends a schema, and is the second call.
            #expect(upstream.calls == 2)
        }
    }

    @Test("raises an error for a stream that the gateway cannot complete")
    func cutOff() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            stream.sendText(Answer.responseEvents(1)[0])
            stream.cut()
            let lines = try await Python.run(
                Self.script + """
                    client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key=key, max_retries=0)
                    try:
                        for event in client.responses.create(model='gpt-4', input='x', stream=True): print(event.type)
                    except openai.APIError as error: print('raised', error.code)
                    try: client.responses.create(model='nope', input='x')
                    except openai.NotFoundError as error: print(error.code)
                    """
            )
            #expect(lines == ["response.created", "raised upstream_closed_early", "model_not_found"], "\(lines)")
        }
    }

    @Test(
        "is answered by a mock, in both forms and without a cache too",
        arguments: ["", "litellm_settings: {cache: true}\n"]
    )
    func mock(cache: String) async throws {
        let configuration = """
            model_list:
              - model_name: gpt-4
                litellm_params: {model: openai/gpt-4, mock_response: "Hi there, you."}

            """
        try await withGateway(configuration + cache) { gateway, _ async throws in
            let lines = try await Python.run(
                Self.script + """
                    client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key=key, max_retries=0)
                    for _ in range(2):
                        print(client.responses.create(model='gpt-4', input='x').output_text)
                        with client.responses.stream(model='gpt-4', input='x') as stream:
                            print(stream.get_final_response().output_text)
                    """
            )
            #expect(lines == Array(repeating: "Hi there, you.", count: 4), "\(lines)")
        }
    }
}
