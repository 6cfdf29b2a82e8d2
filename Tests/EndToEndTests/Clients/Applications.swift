import Foundation
import Testing

/// Client packages with a gateway in front of a model that acts as applications expect: see `Assistant`.
enum Applications {
    /// Every model of OpenAI's and of Anthropic's.
    private static let configuration = """
        model_list:
          - model_name: "gpt-*"
            litellm_params: {model: "openai/gpt-*", api_base: UPSTREAM/v1, api_key: sk-upstream}
          - model_name: "claude-*"
            litellm_params: {model: "anthropic/claude-*", api_base: UPSTREAM, api_key: sk-upstream}
        litellm_settings: {cache: true, cache_params: {type: local}}
        general_settings: {master_key: sk-master}

        """

    /// What every script begins with. `case` takes the same question in several ways, and prints what the cache said to
    /// each request and the answer, or all answers where they differ. A package that looks up the address of another
    /// machine raises an error, and is reported.
    private static let prelude = """
        import asyncio, atexit, os, re, socket, sys, warnings
        warnings.simplefilter('ignore')
        url = os.environ['GATEWAY']

        look_up = socket.getaddrinfo
        def look_up_here(host, *rest, **more):
            if host not in ('127.0.0.1', b'127.0.0.1'):
                print('contacts', host)
                raise OSError(f'contacts {host}')
            return look_up(host, *rest, **more)
        socket.getaddrinfo = look_up_here

        said = []
        def watch(package):
            send, later = package.Client.send, package.AsyncClient.send
            def note(response):
                status = response.headers.get('cache-status', str(response.status_code))
                said.append(re.sub('gateway; (fwd=)?([a-z]*).*', r'\\2', status))
                return response
            async def asend(*arguments, **more): return note(await later(*arguments, **more))
            package.Client.send = lambda *arguments, **more: note(send(*arguments, **more))
            package.AsyncClient.send = asend
        import httpx
        watch(httpx)
        try:
            import httpx2
            watch(httpx2)
        except ImportError: pass

        loop = asyncio.new_event_loop()
        def case(name, *ways):
            said.clear()
            answers = [loop.run_until_complete(way()) if asyncio.iscoroutinefunction(way) else way() for way in ways]
            print(f'{name}:', *said, '|', answers[0] if all(answer == answers[0] for answer in answers) else answers)

        messages = [{'role': 'user', 'content': 'hi'}]

        """

    /// Runs a script, and expects the lines that it prints and the number of calls of the model.
    static func run(
        _ script: String,
        with python: URL = Repository.python,
        expect lines: [String],
        calls: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Assistant.script)
            let environment = [
                "GATEWAY": gateway.url, "OPENAI_BASE_URL": "\(gateway.url)/v1", "OPENAI_API_KEY": "sk-master",
                "ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_API_KEY": "sk-master",
                "OPENAI_AGENTS_DISABLE_TRACING": "1", "LANGSMITH_TRACING": "false",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1",
            ]
            let printed = try await Python.run(
                prelude + script,
                with: python,
                environment: environment,
                sourceLocation: sourceLocation
            )
            #expect(printed == lines, "\(printed.joined(separator: "\n"))", sourceLocation: sourceLocation)
            #expect(upstream.calls == calls, sourceLocation: sourceLocation)
            #expect(!gateway.log.contains(" error "), "\(gateway.log)", sourceLocation: sourceLocation)
        }
    }
}
