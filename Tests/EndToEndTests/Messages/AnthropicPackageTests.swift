import Testing

/// The real `anthropic` package is the client.
@Suite("The anthropic package", .timeLimit(.minutes(2)))
struct AnthropicPackageTests {
    private static let questions = ["text", "tools", "thinking", "citations", "prefill", "search", "length"]

    private static let prelude = """
        import asyncio, json, sys, anthropic
        more = {'base_url': '%URL%', 'api_key': 'x', 'max_retries': 0}
        client, later = anthropic.Anthropic(**more), anthropic.AsyncAnthropic(**more)

        def told(value):
            if isinstance(value, list): return [told(element) for element in value]
            if not isinstance(value, dict): return value
            return {name: told(value[name]) for name in sorted(value) if value[name] not in (None, [])}

        def dump(message): return json.dumps(told(message.model_dump()))

        def request(question, system):
            messages = [{'role': 'user', 'content': question}]
            if question == 'prefill': messages.append({'role': 'assistant', 'content': '{'})
            return {'model': 'claude', 'max_tokens': 64, 'system': system, 'messages': messages}

        """

    private func run(_ script: String, _ gateway: GatewayProcess) async throws -> [String] {
        try await Python.run(Self.prelude.replacing("%URL%", with: gateway.url) + script)
    }

    @Test("gets the same message in either form, sync and async, from the model, from the cache and converted")
    func forms() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let lines = try await run(
                """
                def whole(asked): return dump(client.messages.create(**asked))
                def streamed(asked):
                    with client.messages.stream(**asked) as stream: return dump(stream.get_final_message())
                def raw(asked):
                    names = [event.type for event in client.messages.create(stream=True, **asked)]
                    assert names[0] == 'message_start' and names[-1] == 'message_stop', names
                async def later_whole(asked): return dump(await later.messages.create(**asked))
                async def later_streamed(asked):
                    async with later.messages.stream(**asked) as stream: return dump(await stream.get_final_message())

                async def main():
                    for question in \(Self.questions):
                        one, other = request(question, 'whole first'), request(question, 'streamed first')
                        first = whole(one)
                        got = [first, whole(one), await later_whole(one), streamed(one), await later_streamed(one)]
                        got += [streamed(other), await later_streamed(other), streamed(other), whole(other)]
                        got += [await later_whole(other)]
                        raw(one); raw(other)
                        print(question, [answer == first for answer in got], first if len(set(got)) == 1 else got)
                asyncio.run(main())
                """,
                gateway
            )
            #expect(lines.count == Self.questions.count)
            for line in lines { #expect(!line.contains("False"), "\(line)") }
            #expect(upstream.calls == 2 * Self.questions.count, "each form is asked for once")
            let request = try #require(upstream.requests.first)
            #expect(request.uri == "/v1/messages" && request["x-api-key"] == "sk-upstream")
            #expect(request["authorization"] == nil && request["anthropic-version"]?.isEmpty == false)
            #expect(request.json["model"].string == "claude-sonnet")
        }
    }

    @Test("sends beta features whose order does not matter, and a user's id that nobody else's answer depends on")
    func keys() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let lines = try await run(
                """
                asked = request('text', 'betas')
                for betas in [['a-1', 'b-2'], ['b-2', 'a-1', 'b-2'], ['a-1'], []]:
                    message = client.beta.messages.with_raw_response.create(betas=betas, **asked)
                    print(message.headers['cache-status'], message.parse().content[0].text)
                for user in ['one', 'two']:
                    message = client.messages.with_raw_response.create(metadata={'user_id': user}, **request('text', 'users'))
                    print(message.headers['cache-status'])
                """,
                gateway
            )
            #expect(lines.map { $0.contains("; hit") } == [false, true, false, false, false, true], "\(lines)")
            #expect(upstream.calls == 4)
            #expect(upstream.requests[0]["anthropic-beta"] == "a-1,b-2")
            #expect(upstream.requests[0].uri == "/v1/messages")
            #expect(upstream.requests[3].json["metadata"]["user_id"].string == "one")
        }
    }

    @Test("reads the gateway's errors and ids, counts tokens, and may use the key or the token, under the mount too")
    func errors() async throws {
        let configuration = Claude.configuration() + "general_settings:\n  master_key: sk-master\n"
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let lines = try await run(
                """
                def attempt(name, call):
                    try: print(name, call())
                    except anthropic.APIStatusError as error:
                        print(name, type(error).__name__, error.status_code, error.type, bool(error.request_id))
                asked = request('text', 'errors')
                url = '\(gateway.url)'
                for credentials in [{'api_key': 'sk-master'}, {'auth_token': 'sk-master'}, {'api_key': 'x', 'default_headers': {'Authorization': 'Bearer sk-master'}}]:
                    for base in [url, url + '/anthropic']:
                        client = anthropic.Anthropic(base_url=base, max_retries=0, **credentials)
                        attempt('count', lambda: client.messages.count_tokens(model='claude', messages=asked['messages']).input_tokens)
                        attempt('ask', lambda: client.messages.create(**asked)._request_id)
                attempt('unknown', lambda: client.messages.create(**asked | {'model': 'nobody'}))
                attempt('unserved', lambda: client.messages.create(**asked | {'model': 'gpt'}))
                attempt('uncached', lambda: client.messages.create(extra_headers={'cache-control': 'only-if-cached'}, **asked | {'system': 'x'}))
                attempt('control', lambda: client.messages.create(extra_body={'cache': {'ttl': 'x'}}, **asked))
                attempt('bypassed', lambda: client.messages.with_raw_response.create(extra_body={'cache': {'no-cache': True}}, **asked).headers['cache-status'])
                attempt('mock', lambda: client.messages.create(**asked | {'model': 'mocked'}).content[0].text)
                with client.messages.stream(**asked | {'model': 'mocked'}) as stream:
                    attempt('mock', lambda: stream.get_final_text())
                print('models', [model.id for model in client.models.list()], client.models.retrieve('claude').display_name)
                client = anthropic.Anthropic(base_url=url, api_key='sk-other', max_retries=0)
                attempt('stranger', lambda: client.messages.create(**asked))
                """,
                gateway
            )
            let counts = lines.filter { $0.hasPrefix("count ") }
            #expect(counts == Array(repeating: "count 14", count: 6), "\(lines)")
            let ids = lines.filter { $0.hasPrefix("ask ") }.map { String($0.dropFirst(4)) }
            #expect(ids.count == 6 && ids.first == "req_upstream" && Set(ids).count == 6 && !ids.contains("None"))
            #expect(
                lines.suffix(9) == [
                    "unknown NotFoundError 404 not_found_error True",
                    "unserved BadRequestError 400 invalid_request_error True",
                    "uncached GatewayTimeoutError 504 timeout_error True",
                    "control BadRequestError 400 invalid_request_error True",
                    "bypassed gateway; fwd=request; stored", "mock a mocked answer", "mock a mocked answer",
                    "models ['claude', 'mocked', 'gpt'] claude",
                    "stranger AuthenticationError 401 authentication_error True",
                ],
                "\(lines)"
            )
            #expect(upstream.calls == 3, "a count, a message and one without the cache")
            #expect(upstream.requests.allSatisfy { $0["x-api-key"] == "sk-upstream" && $0["authorization"] == nil })
            #expect(upstream.requests.allSatisfy { !$0.text.contains(#""cache""#) })
        }
    }

    @Test("raises NotFoundError with the message for a model or a path that is not there, under the mount too")
    func notFound() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            let lines = try await run(
                """
                def attempt(name, call):
                    try: print(name, call())
                    except anthropic.NotFoundError as error:
                        assert error.body['type'] == 'error' and error.request_id, error.body
                        print(name, error.type, error.body['error']['message'][:33])
                asked = request('text', 'not found')
                url = '\(gateway.url)'
                for base in [url, url + '/anthropic', url + '/anthropic/v1']:
                    client = anthropic.Anthropic(base_url=base, api_key='x', max_retries=0)
                    attempt('model', lambda: client.messages.create(**asked | {'model': 'nobody'}))
                    attempt('batch', lambda: client.messages.batches.retrieve('b'))
                    attempt('count', lambda: client.messages.count_tokens(model='nobody', messages=asked['messages']))
                client = anthropic.Anthropic(base_url=url + '/anthropic', api_key='x', max_retries=0)
                attempt('models', lambda: client.models.retrieve('nobody'))
                """,
                gateway
            )
            let model = "not_found_error The model 'nobody' does not exist",
                path = "not_found_error There is nothing at "
            #expect(lines.count == 10)
            for (number, line) in lines.enumerated() {
                let isModel = number == 9 || (number < 6 && number % 3 != 1)
                let words = line.drop { $0 != " " }.dropFirst()
                #expect(words.hasPrefix((isModel ? model : path).prefix(48)), "\(line)")
            }
            #expect(upstream.calls == 0)
        }
    }

    @Test("of langchain gets the same answer from the model, from the cache and converted")
    func langchain() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let lines = try await Python.run(
                """
                import asyncio, warnings
                warnings.simplefilter('ignore')
                from langchain_anthropic import ChatAnthropic
                model = ChatAnthropic(model='claude', api_key='x', base_url='\(gateway.url)', max_retries=0)

                def whole(question): return model.invoke(question)
                loop = asyncio.new_event_loop()
                def later(question): return loop.run_until_complete(model.ainvoke(question))
                def streamed(question):
                    message = None
                    for chunk in model.stream(question): message = chunk if message is None else message + chunk
                    return message
                def told(message):
                    calls = [(call['name'], call['args']) for call in message.tool_calls]
                    return message.text, calls, message.usage_metadata['output_tokens']
                for question in ['text', 'tools']:
                    print(*[told(ask(question)) == told(whole(question)) for ask in [whole, later, streamed]])
                model = model.model_copy(update={'max_tokens': 65})
                print(told(streamed('tools')) == told(streamed('tools')) == told(whole('tools')))
                """
            )
            #expect(lines == ["True True True", "True True True", "True"])
            #expect(upstream.calls == 3)
        }
    }

    @Test("raises what an error event says, in either form, and nothing of it is stored")
    func failingStream() async throws {
        try await withGateway(Claude.configuration()) { gateway, upstream async throws in
            let error = Claude.event(#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#)
            upstream.answer { request, number in
                guard number > 2 else { return Claude.stream(Claude.events("text").prefix(5).joined() + error) }
                return Claude.script(request, number)
            }
            let lines = try await run(
                """
                asked = request('text', 'failing')
                for call in range(3):
                    try:
                        with client.messages.stream(**asked) as stream: print(stream.get_final_text())
                    except anthropic.APIStatusError as error: print(error.type, error.message)
                """,
                gateway
            )
            #expect(lines.count == 3 && lines[0].hasPrefix("overloaded_error") && lines[1] == lines[0], "\(lines)")
            #expect(lines.last?.hasPrefix("Hello, wörld") == true)
        }
    }
}
