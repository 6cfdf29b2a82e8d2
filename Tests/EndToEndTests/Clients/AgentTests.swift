import Testing

/// Agent frameworks with their defaults: they call the Responses API.
@Suite("An agent framework", .timeLimit(.minutes(5)))
struct AgentTests {
    @Test("openai-agents is served from the cache when it asks again, streamed or not, with either API")
    func agents() async throws {
        try await Applications.run(
            """
            import agents, openai, pydantic
            class Place(pydantic.BaseModel): city: str

            @agents.function_tool
            def weather(city: str) -> str: return 'warm in ' + city

            kinds = {'plain': {}, 'tools': {'tools': [weather]}, 'schema': {'output_type': Place}}
            handoffs = {'handoffs': [agents.Agent(name='other', instructions='Help.')]}
            def cases(kinds, **more):
                for name, kind in kinds.items():
                    agent = agents.Agent(name='one', instructions='Be brief.', **kind, **more)
                    async def whole(): return str((await agents.Runner.run(agent, 'hi')).final_output)
                    async def streamed():
                        result = agents.Runner.run_streamed(agent, 'hi')
                        async for event in result.stream_events(): pass
                        return str(result.final_output)
                    case(name, whole, whole, streamed, streamed)
            cases(kinds | {'handoffs': handoffs})
            agents.set_default_openai_api('chat_completions')
            cases(kinds, model='gpt-4o')
            agents.set_default_openai_api('responses')
            agents.set_default_openai_client(openai.AsyncOpenAI())
            agent = agents.Agent(name='one', instructions='Be brief.')
            def sync(): return agents.Runner.run_sync(agent, 'hi').final_output
            case('sync', sync, sync)
            """,
            expect: [
                "plain: miss hit hit hit | warm 1", "tools: miss miss hit hit hit hit hit hit | warm 3",
                "schema: miss hit hit hit | city='Zürich'",
                "handoffs: miss miss hit hit hit hit hit hit | warm 6", "plain: miss hit hit hit | warm 7",
                "tools: miss miss hit hit hit hit hit hit | warm 9", "schema: miss hit hit hit | city='Zürich'",
                "sync: hit hit | warm 1",
            ],
            calls: 10
        )
    }

    @Test("pydantic-ai is served from the cache when it asks again, streamed or not, whatever model it has")
    func pydanticAI() async throws {
        func lines(_ model: String, _ first: Int) -> [String] {
            [
                "\(model) plain: miss hit hit hit hit | warm \(first)",
                "\(model) tools: miss miss hit hit hit hit hit hit hit hit | warm \(first + 2)",
                "\(model) schema: miss hit hit hit hit | city='Zürich'",
                "\(model) native: miss hit hit hit hit | city='Zürich'",
            ]
        }
        try await Applications.run(
            """
            import pydantic, pydantic_ai
            class Place(pydantic.BaseModel): city: str
            def weather(city: str) -> str: return 'warm in ' + city
            kinds = {'plain': {}, 'tools': {'tools': [weather]}, 'schema': {'output_type': Place},
                'native': {'output_type': pydantic_ai.NativeOutput(Place)}}
            for model in ['openai:gpt-4o', 'openai-chat:gpt-4o', 'anthropic:claude-sonnet-4-5']:
                for name, kind in kinds.items():
                    agent = pydantic_ai.Agent(model, instructions='Be brief.', **kind)
                    async def whole(): return str((await agent.run('hi')).output)
                    async def streamed():
                        async with agent.run_stream('hi') as result: return str(await result.get_output())
                    def sync(): return str(agent.run_sync('hi').output)
                    case(f'{model} {name}', whole, whole, streamed, streamed, sync)
            """,
            expect: lines("openai:gpt-4o", 1) + lines("openai-chat:gpt-4o", 6)
                + lines("anthropic:claude-sonnet-4-5", 11),
            calls: 15
        )
    }
}
