import Foundation
import Testing

/// The commands of the caching page, run as they are there except for the port.
@Suite("The caching page", .timeLimit(.minutes(2)))
struct CachingPageTests {
    /// The page's configuration, and the environment that sends its bare model names to the upstream.
    static let configuration = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params:
              model: gpt-3.5-turbo
          - model_name: text-embedding-ada-002
            litellm_params:
              model: text-embedding-ada-002

        litellm_settings:
          set_verbose: True
          cache: True          # set cache responses to True, litellm defaults to using a redis cache

        """
    static let environment = ["OPENAI_API_KEY": "sk-upstream", "OPENAI_BASE_URL": "UPSTREAM/v1"]

    static let chatCommand = """
        curl http://0.0.0.0:8000/v1/chat/completions \\
          -H "Content-Type: application/json" \\
          -d '{
             "model": "gpt-3.5-turbo",
             "messages": [{"role": "user", "content": "write a poem about litellm!"}],
             "temperature": 0.7
           }'
        """

    static let embeddingCommand = """
        curl --location 'http://0.0.0.0:8000/embeddings' \\
          --header 'Content-Type: application/json' \\
          --data ' {
          "model": "text-embedding-ada-002",
          "input": ["write a litellm poem"]
          }'
        """

    @Test(
        "The same curl command twice: the second answer comes from the cache",
        arguments: [chatCommand, embeddingCommand]
    )
    func curl(command: String) async throws {
        try await withGateway(Self.configuration, environment: Self.environment) { gateway, upstream async throws in
            let here = command.replacingOccurrences(of: "0.0.0.0:8000", with: "127.0.0.1:\(gateway.port)")
            let shell = try Command.find("sh")
            let first = try await Command.run(shell, ["-c", here])
            let second = try await Command.run(shell, ["-c", here])
            #expect(first.status == 0, "\(first.standardError)")
            #expect(JSON(Array(first.standardOutput.utf8))["usage"].exists)
            #expect(second.standardOutput == first.standardOutput)
            #expect(upstream.calls == 1)
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-upstream")
        }
    }

    @Test("`cache: True` without Redis in the environment is the local cache, and the log says so")
    func defaultsToLocal() async throws {
        try await withGateway(Self.configuration, environment: Self.environment) { gateway, _ async throws in
            #expect(try await gateway.get("/health/readiness").json["cache"].string == "local")
            #expect(gateway.log.contains("local"))
        }
    }

    @Test("The page's list of call types is accepted, port as text included")
    func supportedParameters() async throws {
        let configuration = Configurations.cached(
            """
            type: local
            supported_call_types: ["acompletion", "completion", "embedding", "aembedding"]
            """
        )
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").isHit)
            #expect(upstream.calls == 1)
        }
    }

    /// The page's snippet. `cache` goes into `extra_body`, because the package refuses arguments that it does not know.
    static func snippet(_ gateway: GatewayProcess, path: String, cache: String) -> String {
        """
        import os
        from openai import OpenAI

        client = OpenAI(
            # This is the default and can be omitted
            api_key=os.environ.get("OPENAI_API_KEY"),
            base_url="\(gateway.url)\(path)"
        )

        chat_completion = client.chat.completions.create(
            messages=[
                {
                    "role": "user",
                    "content": "Say this is a test",
                }
            ],
            model="gpt-3.5-turbo",
            extra_body={"cache": {
                \(cache)
            }}
        )
        print(chat_completion.choices[0].message.content)
        """
    }

    @Test("The page's Python snippets do what they say, with and without /v1 in the base URL", arguments: ["", "/v1"])
    func python(path: String) async throws {
        try await withGateway(Self.configuration, environment: Self.environment) { gateway, upstream async throws in
            func say(_ cache: String) async throws -> [String] {
                try await Python.run(
                    Self.snippet(gateway, path: path, cache: cache),
                    environment: ["OPENAI_API_KEY": "sk-client"]
                )
            }
            #expect(try await say(#""ttl": 600 # caches response for 10 minutes"#) == ["answer 1"])
            #expect(
                try await say(#""s-maxage": 600 # only get responses cached within last 10 minutes"#) == ["answer 1"]
            )
            #expect(upstream.calls == 1)
            #expect(try await say(#""no-cache": True # will not return a cached response"#) == ["answer 2"])
            #expect(upstream.calls == 2)
            #expect(try await say(#""s-maxage": 600"#) == ["answer 2"], "no-cache stores the new answer")
            #expect(upstream.requests.allSatisfy { !$0.json["cache"].exists })
            #expect(upstream.requests.allSatisfy { $0["authorization"] == "Bearer sk-upstream" })
        }
    }

    @Test("The openai package sees streams, embeddings, the model list and errors as it does from OpenAI")
    func pythonSurface() async throws {
        try await withGateway(Self.configuration, environment: Self.environment) { gateway, upstream async throws in
            let stream = ControlledStream()
            stream.sendChunk("one ")
            stream.sendChunk("two")
            stream.send("[DONE]")
            stream.finish()
            upstream.answer { request, number in
                request.json["stream"].bool == true ? .events(stream) : Answer.standard(request, number)
            }
            let printed = try await Python.run(
                """
                import openai
                client = openai.OpenAI(api_key="sk-client", base_url="\(gateway.url)/v1", max_retries=0)
                print([m.id for m in client.models.list()])
                print(client.models.retrieve("gpt-3.5-turbo").id)
                vectors = client.embeddings.create(model="text-embedding-ada-002", input=["a", "bc"],
                                                   encoding_format="float")
                print([v.embedding for v in vectors.data], vectors.usage.total_tokens)
                chunks = client.chat.completions.create(model="gpt-3.5-turbo", stream=True,
                                                        messages=[{"role": "user", "content": "x"}])
                print("".join(c.choices[0].delta.content for c in chunks))
                try:
                    client.chat.completions.create(model="none", messages=[])
                except openai.NotFoundError as error:
                    print(error.code, error.param, error.type)
                """
            )
            #expect(
                printed == [
                    "['gpt-3.5-turbo', 'text-embedding-ada-002']", "gpt-3.5-turbo", "[[1.5, 97.0], [2.5, 98.0]] 6",
                    "one two", "model_not_found model invalid_request_error",
                ]
            )
        }
    }
}
