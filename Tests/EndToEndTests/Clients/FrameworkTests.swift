import Testing

/// Frameworks that have a client for each API.
@Suite("A framework's client", .timeLimit(.minutes(5)))
struct FrameworkTests {
    @Test("langchain-openai is served from the cache when it asks again, with either API and Azure's, in both forms")
    func langchain() async throws {
        func lines(_ model: String, _ tokens: Int, _ first: Int) -> [String] {
            let said = first == 0 ? "hit hit hit hit hit" : "miss hit hit hit hit"
            return [
                "\(model): \(said) | ('warm \(first == 0 ? 1 : first)', [], \(tokens))",
                "\(model) tools: \(said) | ('', [('Place', {'city': 'Zürich'})], \(tokens))",
                "\(model) schema: \(said.dropLast(8)) | city='Zürich'",
            ]
        }
        try await Applications.run(
            """
            import pydantic
            from langchain_openai import AzureChatOpenAI, ChatOpenAI
            class Place(pydantic.BaseModel):
                "A place."
                city: str

            del os.environ['OPENAI_BASE_URL']
            own = {'base_url': url + '/v1', 'stream_usage': True}
            azure = {'azure_endpoint': url, 'api_version': '2024-10-21', 'stream_usage': True}
            models = {'chat': ChatOpenAI(model='gpt-4o', **own),
                'responses': ChatOpenAI(model='gpt-4o', use_responses_api=True, **own),
                'azure': AzureChatOpenAI(azure_deployment='gpt-4o', **azure)}

            def told(message):
                calls = [(call['name'], call['args']) for call in message.tool_calls]
                return message.text, calls, message.usage_metadata['output_tokens']

            def joined(chunks):
                message = chunks[0]
                for chunk in chunks[1:]: message += chunk
                return told(message)

            for name, model in models.items():
                def cases(name, model):
                    def whole(): return told(model.invoke('hi'))
                    async def later(): return told(await model.ainvoke('hi'))
                    def streamed(): return joined(list(model.stream('hi')))
                    async def later_streamed(): return joined([chunk async for chunk in model.astream('hi')])
                    case(name, whole, whole, later, streamed, later_streamed)
                cases(name, model)
                cases(name + ' tools', model.bind_tools([Place]))
                structured = model.with_structured_output(Place)
                def whole(): return str(structured.invoke('hi'))
                async def later(): return str(await structured.ainvoke('hi'))
                case(name + ' schema', whole, whole, later)
            """,
            expect: lines("chat", 24, 1) + lines("responses", 5, 4) + lines("azure", 24, 7),
            calls: 9
        )
    }

    @Test("litellm is served from the cache when it asks again, whatever provider it takes the gateway for")
    func litellm() async throws {
        func lines(_ model: String, _ first: Int) -> [String] {
            let said = first == 0 ? "hit hit hit hit hit" : "miss hit hit hit hit"
            return [
                "\(model): \(said) | ('warm \(first == 0 ? 1 : first)', [])",
                "\(model) tools: \(said) | ('', [('weather', {'city': 'Zürich'})])",
            ]
        }
        try await Applications.run(
            """
            import json, litellm
            parameters = {'type': 'object', 'properties': {'city': {'type': 'string'}}}
            tools = [{'type': 'function', 'function': {'name': 'weather', 'parameters': parameters}}]

            def told(answer):
                message = answer.choices[0].message
                calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
                return message.content or '', calls

            gateway = {'api_base': url}
            models = {'openai/gpt-4o': {}, 'litellm_proxy/gpt-4o': gateway, 'anthropic/claude-sonnet-4-5': gateway,
                'openai/responses/gpt-4o': {}}
            for model, more in models.items():
                for name, members in {'': {}, ' tools': {'tools': tools}}.items():
                    asked = {'model': model, 'messages': messages, 'max_tokens': 50, **more, **members}
                    def whole(): return told(litellm.completion(**asked))
                    async def later(): return told(await litellm.acompletion(**asked))
                    def streamed():
                        return told(litellm.stream_chunk_builder(list(litellm.completion(stream=True, **asked))))
                    async def later_streamed():
                        stream = await litellm.acompletion(stream=True, **asked)
                        return told(litellm.stream_chunk_builder([chunk async for chunk in stream]))
                    case(model + name, whole, whole, later, streamed, later_streamed)

            asked = {'model': 'openai/gpt-4o', 'input': 'hi'}
            def text(response): return response.output[0].content[0].text
            def whole(): return text(litellm.responses(**asked))
            async def later(): return text(await litellm.aresponses(**asked))
            def streamed(): return text(list(litellm.responses(stream=True, **asked))[-1].response)
            case('responses', whole, later, streamed)
            asked = {'model': 'anthropic/claude-sonnet-4-5', 'messages': messages, 'max_tokens': 9, **gateway}
            async def message(): return (await litellm.anthropic.messages.acreate(**asked))['content'][0]['text']
            case('messages', message, message)
            """,
            expect: lines("openai/gpt-4o", 1) + lines("litellm_proxy/gpt-4o", 0)
                + lines("anthropic/claude-sonnet-4-5", 3) + lines("openai/responses/gpt-4o", 5)
                + ["responses: miss hit hit | warm 7", "messages: miss hit | warm 8"],
            calls: 8
        )
    }

    @Test("instructor is served from the cache when it asks again, with each way to ask for a schema")
    func instructor() async throws {
        try await Applications.run(
            """
            import instructor, openai, pydantic
            class Place(pydantic.BaseModel): city: str
            asked = {'model': 'gpt-4o', 'response_model': Place}
            for mode in [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.RESPONSES_TOOLS]:
                client = instructor.from_openai(openai.OpenAI(), mode=mode)
                other = instructor.from_openai(openai.AsyncOpenAI(), mode=mode)
                def whole(): return client.create(messages=messages, **asked).city
                async def later(): return (await other.create(messages=messages, **asked)).city
                case(mode.name, whole, whole, later)
                if mode == instructor.Mode.RESPONSES_TOOLS: continue
                def streamed(): return list(client.create_partial(messages=messages, **asked))[-1].city
                case(mode.name + ' partial', streamed, streamed)
            client = instructor.from_provider('openai/gpt-4o')
            def whole(): return client.create(messages=messages, response_model=Place).city
            case('provider', whole, whole)
            """,
            with: Repository.openAI2Python,
            expect: [
                "TOOLS: miss hit hit | Zürich", "TOOLS partial: miss hit | Zürich",
                "JSON_SCHEMA: miss hit hit | Zürich", "JSON_SCHEMA partial: miss hit | Zürich",
                "RESPONSES_TOOLS: miss hit hit | Zürich", "provider: hit hit | Zürich",
            ],
            calls: 5
        )
    }

    @Test("llama-index is served from the cache when it asks again, with each of its clients")
    func llamaIndex() async throws {
        func lines(_ name: String, _ first: Int, _ schema: String = "miss") -> [String] {
            let said = first == 0 ? "hit" : "miss"
            return [
                "\(name): \(said) hit hit hit hit | warm \(first == 0 ? 1 : first)",
                "\(name) tools: \(said) hit hit hit | [('weather', {'city': 'Zürich'})]",
                "\(name) schema: \(schema) hit | city='Zürich'",
            ]
        }
        try await Applications.run(
            """
            import pydantic
            from llama_index.core.llms import ChatMessage
            from llama_index.core.prompts import PromptTemplate
            from llama_index.core.tools import FunctionTool
            from llama_index.llms.openai import OpenAI, OpenAIResponses
            from llama_index.llms.openai_like import OpenAILike
            class Place(pydantic.BaseModel): city: str
            def weather(city: str) -> str: return 'warm in ' + city
            tools, asked = [FunctionTool.from_defaults(weather)], [ChatMessage(role='user', content='hi')]
            at = {'model': 'gpt-4o', 'api_base': url + '/v1', 'api_key': 'sk-master'}
            models = {'OpenAI': OpenAI(**at), 'OpenAIResponses': OpenAIResponses(**at),
                'OpenAILike': OpenAILike(is_chat_model=True, is_function_calling_model=True, **at)}
            for name, model in models.items():
                def text(answer): return answer.message.content
                def whole(): return text(model.chat(asked))
                async def later(): return text(await model.achat(asked))
                def streamed(): return text(list(model.stream_chat(asked))[-1])
                async def later_streamed(): return text([part async for part in await model.astream_chat(asked)][-1])
                case(name, whole, whole, later, streamed, later_streamed)
                def calls(answer):
                    return [(call.tool_name, call.tool_kwargs) for call in model.get_tool_calls_from_response(answer)]
                def whole(): return calls(model.chat_with_tools(tools, 'hi'))
                async def later(): return calls(await model.achat_with_tools(tools, 'hi'))
                def streamed(): return calls(list(model.stream_chat_with_tools(tools, 'hi'))[-1])
                case(name + ' tools', whole, whole, later, streamed)
                def schema(): return str(model.structured_predict(Place, PromptTemplate('where')))
                case(name + ' schema', schema, schema)
            """,
            with: Repository.openAI2Python,
            expect: lines("OpenAI", 1) + lines("OpenAIResponses", 4) + lines("OpenAILike", 0),
            calls: 7
        )
    }
}
