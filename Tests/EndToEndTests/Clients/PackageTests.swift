import Testing

/// What the tests of the calls leave of the providers' own packages: tools, schemas and thoughts that are asked for,
/// each way of the package.
@Suite("A provider's package", .timeLimit(.minutes(5)))
struct PackageTests {
    @Test("openai, also for Azure, gets chats, tools and schemas from the cache, in both forms, sync and async")
    func openAI() async throws {
        let package = ["miss hit hit hit hit", "hit hit hit hit hit"]
        let lines = zip(["openai", "azure"], package).flatMap { name, said in
            [
                "\(name) chat: \(said) | ('warm \(1)', [], 37)",
                "\(name) tools: \(said) | (None, [('Place', '{\"city\":\"Zürich\"}')], 37)",
                "\(name) parse: \(said) | ('{\"city\":\"Zürich\"}', [], 37)",
                "\(name) responses: \(said.dropLast(8)) | ('Zürich', [])",
                "\(name) responses tools: \(said) | ('', ['{\"city\":\"Zürich\"}'])",
            ]
        }
        try await Applications.run(
            """
            import openai, pydantic
            class Place(pydantic.BaseModel): city: str
            tools = [openai.pydantic_function_tool(Place)]
            function = {'type': 'function', 'strict': True} | tools[0]['function']
            del os.environ['OPENAI_BASE_URL']
            azure = {'azure_endpoint': url, 'api_version': '2024-10-21', 'api_key': os.environ['OPENAI_API_KEY']}
            pairs = {'openai': [kind(base_url=url + '/v1') for kind in (openai.OpenAI, openai.AsyncOpenAI)],
                'azure': [kind(**azure) for kind in (openai.AzureOpenAI, openai.AsyncAzureOpenAI)]}

            def told(answer):
                message = answer.choices[0].message
                calls = [(call.function.name, call.function.arguments) for call in message.tool_calls or []]
                return message.content, calls, answer.usage.total_tokens

            def output(response):
                return response.output_text, [item.arguments for item in response.output if item.type == 'function_call']

            for name, (client, other) in pairs.items():
                for what, more in {'chat': {}, 'tools': {'tools': tools}, 'parse': {'response_format': Place}}.items():
                    more |= {'model': 'gpt-4o', 'messages': messages}
                    chats, others = client.chat.completions, other.chat.completions
                    usage = {'stream_options': {'include_usage': True}}
                    def whole(): return told(chats.parse(**more))
                    async def later(): return told(await others.parse(**more))
                    def streamed():
                        with chats.stream(**more, **usage) as stream: return told(stream.get_final_completion())
                    async def later_streamed():
                        async with others.stream(**more, **usage) as stream:
                            return told(await stream.get_final_completion())
                    case(f'{name} {what}', whole, whole, later, streamed, later_streamed)
                asked = {'model': 'gpt-4o', 'input': 'hi'}
                def parsed():
                    response = client.responses.parse(text_format=Place, **asked)
                    return response.output_parsed.city, []
                async def later_parsed():
                    response = await other.responses.parse(text_format=Place, **asked)
                    return response.output_parsed.city, []
                def streamed_parsed():
                    with client.responses.stream(text_format=Place, **asked) as stream:
                        return stream.get_final_response().output_parsed.city, []
                case(f'{name} responses', parsed, later_parsed, streamed_parsed)
                asked |= {'tools': [function]}
                def whole(): return output(client.responses.create(**asked))
                async def later(): return output(await other.responses.create(**asked))
                def streamed():
                    with client.responses.stream(**asked) as stream: return output(stream.get_final_response())
                async def later_streamed():
                    async with other.responses.stream(**asked) as stream: return output(await stream.get_final_response())
                case(f'{name} responses tools', whole, whole, later, streamed, later_streamed)
            """,
            expect: lines,
            calls: 5
        )
    }

    @Test("anthropic gets tools, schemas and thoughts from the cache, in both forms, sync and async")
    func anthropic() async throws {
        try await Applications.run(
            """
            import anthropic, pydantic
            class Place(pydantic.BaseModel): city: str
            client, other = anthropic.Anthropic(), anthropic.AsyncAnthropic()
            asked = {'model': 'claude-sonnet-4-5', 'max_tokens': 2000, 'messages': messages}

            @anthropic.beta_tool
            def weather(city: str) -> str:
                "Says how warm it is."
                return 'warm in ' + city

            def run(): return client.beta.messages.tool_runner(tools=[weather], **asked).until_done().content[0].text
            case('tool runner', run, run)
            def parsed(): return client.messages.parse(output_format=Place, **asked).parsed_output.city
            async def later_parsed():
                return (await other.messages.parse(output_format=Place, **asked)).parsed_output.city
            case('parse', parsed, parsed, later_parsed)

            tools = [{'name': 'weather', 'input_schema': {'type': 'object'}}]
            asked |= {'thinking': {'type': 'enabled', 'budget_tokens': 1024}, 'tools': tools}
            def told(message): return [(block.type, getattr(block, 'input', '')) for block in message.content]
            def whole(): return told(client.messages.create(**asked))
            async def later(): return told(await other.messages.create(**asked))
            def streamed():
                with client.messages.stream(**asked) as stream: return told(stream.get_final_message())
            async def later_streamed():
                async with other.messages.stream(**asked) as stream: return told(await stream.get_final_message())
            case('thinking', streamed, streamed, later_streamed, whole, later)
            """,
            expect: [
                "tool runner: miss miss hit hit | warm 2", "parse: miss hit hit | Zürich",
                "thinking: miss hit hit hit hit | [('thinking', ''), ('tool_use', {'city': 'Zürich'})]",
            ],
            calls: 4
        )
    }
}
