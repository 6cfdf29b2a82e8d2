import Testing

/// What is sent to the model and what is returned.
@Suite("Upstream", .timeLimit(.minutes(1)))
struct UpstreamTests {
    @Test("The model's name is rewritten, `cache` is removed, and every other byte of the body stays")
    func bodyBytes() async throws {
        try await withGateway { gateway, upstream async throws in
            let body =
                #"{ "messages" : [{"content":"h\u00e9 \"x\"","role":"user"}],"# + "\n"
                + #"  "cache": {"ttl": 60}, "model":"gpt-3.5-turbo","temperature":1.0 , "n":1e0}"#
            let answer = try await gateway.post("/v1/chat/completions", body)
            #expect(answer.status == 200)
            let sent = try #require(upstream.requests.first)
            #expect(sent.uri == "/v1/chat/completions")
            #expect(sent.json["model"].string == "gpt-3.5-turbo-0125")
            #expect(!sent.json["cache"].exists)
            #expect(sent.text.hasPrefix(#"{ "messages" : [{"content":"h\u00e9 \"x\"","role":"user"}],"#))
            #expect(sent.text.hasSuffix(#""model":"gpt-3.5-turbo-0125","temperature":1.0 , "n":1e0}"#))
        }
    }

    @Test("Headers of the client's connection, its key and its cookies stay here; the deployment's key goes upstream")
    func requestHeaders() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat(
                "hello",
                headers: [
                    "Authorization": "Bearer sk-client", "Connection": "keep-alive, X-Hop", "X-Hop": "1",
                    "Keep-Alive": "timeout=5", "TE": "trailers", "Proxy-Authorization": "Basic eA==", "Cookie": "a=b",
                    "api-key": "sk-client",
                ]
            )
            let sent = try #require(upstream.requests.first)
            #expect(sent["authorization"] == "Bearer sk-upstream")
            for name in ["x-hop", "keep-alive", "te", "proxy-authorization", "cookie", "api-key"] {
                #expect(sent[name] == nil, "\(name)")
            }
            #expect(sent["host"] == "127.0.0.1:\(upstream.port)")
            #expect(sent["content-type"] == "application/json")
            #expect(sent["content-length"].flatMap { Int($0) } == sent.body.count)
        }
    }

    @Test("Status, body and useful headers of the model come back as they are; hop-by-hop headers do not")
    func responseUnchanged() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(
                with: .json(
                    #"{"error":{"message":"slow down","type":"tokens","param":null,"code":"rate_limit"}}"#,
                    status: 418,
                    headers: [
                        ("x-request-id", "req_1"), ("x-ratelimit-remaining-tokens", "0"), ("openai-processing-ms", "3"),
                        ("keep-alive", "timeout=5"), ("connection", "x-private"), ("x-private", "1"),
                    ]
                )
            )
            let answer = try await gateway.chat("hello")
            #expect(answer.status == 418)
            #expect(
                answer.text == #"{"error":{"message":"slow down","type":"tokens","param":null,"code":"rate_limit"}}"#
            )
            #expect(answer["content-type"] == "application/json")
            #expect(answer["x-ratelimit-remaining-tokens"] == "0")
            #expect(answer["openai-processing-ms"] == "3")
            #expect(answer["keep-alive"] == nil)
            #expect(answer["x-private"] == nil)
        }
    }

    @Test("An error is never stored", arguments: [400, 401, 404, 429, 500, 503])
    func errorsAreNotCached(status: Int) async throws {
        try await withGateway(Self.withoutRetries) { gateway, upstream async throws in
            upstream.answer(with: .failure(status))
            let failed = try await gateway.chat("hello")
            #expect(failed.status == status)
            #expect(failed.json["error"]["code"].string == "upstream_\(status)")
            upstream.answer(with: .chat("well again"))
            // A deployment that failed may be resting. The error must not be replayed as a hit.
            let next = try await gateway.chat("hello")
            #expect(!next.isHit)
        }
    }

    @Test("An answer that breaks off is not stored")
    func cutOffIsNotCached() async throws {
        try await withGateway(Self.withoutRetries) { gateway, upstream async throws in
            upstream.answer { request, number in
                if number > 1 { return .chat("whole") }
                let stream = ControlledStream()
                stream.send("half")
                stream.cut()
                return Answer(body: .stream(stream))
            }
            let connection = try await gateway.connect()
            let body = #"{"model":"gpt-4","messages":[]}"#
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
            let broken = try? await connection.readResponse()
            #expect(broken == nil || broken.map { $0.status >= 500 } == true)
            #expect(try await gateway.post("/v1/chat/completions", body).isHit == false)
        }
    }

    @Test("A failing deployment's request goes to another one", arguments: [408, 429, 500, 503])
    func retriesElsewhere(status: Int) async throws {
        let spare = try await RecordingUpstream.start { _, _ in .chat("from the spare") }
        let configuration = """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/first, api_base: UPSTREAM/v1, api_key: sk-first, weight: 1000000}
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/spare, api_base: "\(spare.url)/v1", api_key: sk-spare, weight: 1}
            litellm_settings:
              num_retries: 2

            """
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: .failure(status))
            #expect(try await gateway.chat("hello").content == "from the spare")
            #expect(spare.requests.first?.json["model"].string == "spare")
            #expect(spare.requests.first?["authorization"] == "Bearer sk-spare")
            #expect(upstream.requests.first?.json["model"].string == "first")
        }
    }

    @Test("An error that is the client's fault is not tried again")
    func clientErrorsAreFinal() async throws {
        let configuration = Configurations.models + "litellm_settings:\n  num_retries: 3\n"
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: .failure(400))
            #expect(try await gateway.chat("hello").status == 400)
            #expect(upstream.calls == 1)
        }
    }

    @Test("A connection that the model closed while it was idle is replaced without the client's notice")
    func idleConnectionDies() async throws {
        try await withGateway(Self.withoutRetries) { gateway, upstream async throws in
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.closesAfterwards = true
                return answer
            }
            for number in 1...5 {
                #expect(try await gateway.chat("question \(number)").content == "answer \(number)")
            }
            #expect(upstream.calls == 5)
        }
    }

    @Test("mock_response answers without any model, and is cached like a real answer")
    func mockResponse() async throws {
        let configuration = """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/gpt-3.5-turbo, mock_response: "mocked"}
            litellm_settings:
              cache: True
              cache_params: {type: local}

            """
        try await withGateway(configuration) { gateway, upstream async throws in
            let first = try await gateway.chat("hello")
            #expect(first.content == "mocked")
            #expect(first.json["object"].string == "chat.completion")
            #expect(first.json["usage"]["total_tokens"].int != nil)
            #expect(try await gateway.chat("hello").isHit)
            #expect(upstream.calls == 0)
        }
    }

    @Test("Azure deployments get their path, api-version and api-key header")
    func azure() async throws {
        let configuration = """
            model_list:
              - model_name: gpt-4o
                litellm_params:
                  model: azure/my-deployment
                  api_base: UPSTREAM
                  api_key: sk-azure
                  api_version: "2024-06-01"

            """
        try await withGateway(configuration) { gateway, upstream async throws in
            #expect(try await gateway.chat("hello", model: "gpt-4o").content == "answer 1")
            let sent = try #require(upstream.requests.first)
            #expect(sent.uri == "/openai/deployments/my-deployment/chat/completions?api-version=2024-06-01")
            #expect(sent["api-key"] == "sk-azure")
        }
    }

    private static let withoutRetries = Configurations.local + "  num_retries: 0\n"
}
