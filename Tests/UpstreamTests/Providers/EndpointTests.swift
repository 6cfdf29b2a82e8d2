import CallTypes
import Testing

@testable import Upstream

@Suite("The endpoint of a model")
struct EndpointTests {
    private func endpoint(
        _ model: String,
        provider: String? = nil,
        base: String? = nil,
        key: String? = nil,
        version: String? = nil,
        environment: [String: String] = [:]
    ) throws(EndpointProblem) -> Endpoint {
        try Endpoint(
            DeploymentDescription(
                modelName: "m",
                model: model,
                provider: provider,
                apiBase: base,
                apiKey: key,
                apiVersion: version
            ),
            environment: { environment[$0] }
        )
    }

    @Test(
        "is the provider that the prefix names, with its own key variable",
        arguments: [
            ("gpt-4o", "https://api.openai.com/v1/chat/completions", "gpt-4o", "OPENAI_API_KEY"),
            ("openai/gpt-4o", "https://api.openai.com/v1/chat/completions", "gpt-4o", "OPENAI_API_KEY"),
            ("groq/llama", "https://api.groq.com/openai/v1/chat/completions", "llama", "GROQ_API_KEY"),
            ("mistral/small", "https://api.mistral.ai/v1/chat/completions", "small", "MISTRAL_API_KEY"),
            ("deepseek/chat", "https://api.deepseek.com/v1/chat/completions", "chat", "DEEPSEEK_API_KEY"),
            ("together_ai/a/b", "https://api.together.xyz/v1/chat/completions", "a/b", "TOGETHER_API_KEY"),
            ("openrouter/a/b:free", "https://openrouter.ai/api/v1/chat/completions", "a/b:free", "OPENROUTER_API_KEY"),
            (
                "fireworks_ai/x", "https://api.fireworks.ai/inference/v1/chat/completions",
                "accounts/fireworks/models/x",
                "FIREWORKS_API_KEY"
            ),
            (
                "fireworks_ai/accounts/me/models/x", "https://api.fireworks.ai/inference/v1/chat/completions",
                "accounts/me/models/x", "FIREWORKS_AI_API_KEY"
            ),
            ("xai/grok", "https://api.x.ai/v1/chat/completions", "grok", "XAI_API_KEY"),
            ("perplexity/sonar", "https://api.perplexity.ai/chat/completions", "sonar", "PERPLEXITY_API_KEY"),
            ("ollama/llama3", "http://localhost:11434/v1/chat/completions", "llama3", "OLLAMA_API_KEY"),
            ("ollama_chat/llama3", "http://localhost:11434/v1/chat/completions", "llama3", "OLLAMA_API_KEY"),
            ("cerebras/llama", "https://api.cerebras.ai/v1/chat/completions", "llama", "CEREBRAS_API_KEY"),
            (
                "gemini/gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
                "gemini-2.5-pro", "GEMINI_API_KEY"
            ),
            (
                "docker_model_runner/ai/smollm2", "http://localhost:22088/engines/llama.cpp/v1/chat/completions",
                "ai/smollm2", "DOCKER_MODEL_RUNNER_API_KEY"
            ),
        ]
    )
    func known(model: String, url: String, name: String, variable: String) throws {
        let endpoint = try endpoint(model, environment: [variable: "k"])
        #expect(endpoint.base.origin + endpoint.target("/chat/completions") == url)
        #expect(endpoint.model == name)
        #expect(endpoint.key == "k")
    }

    @Test("is that of custom_llm_provider, whatever the model's name begins with")
    func customProvider() throws {
        #expect(try endpoint("llama-3", provider: "groq").base.host == "api.groq.com")
        #expect(try endpoint("groq/llama-3", provider: "groq").model == "llama-3")
        let inner = try endpoint("azure/gpt-4o", provider: "openai")
        #expect(inner.base.host == "api.openai.com")
        #expect(inner.model == "azure/gpt-4o")
        let problem = #expect(throws: EndpointProblem.self) { try endpoint("x", provider: "bedrock", base: "http://h") }
        #expect(problem?.member == "custom_llm_provider")
        #expect(problem?.isUnsupported == true)
    }

    @Test("has the variables that are a part of its address, and gets the key from the environment")
    func account() throws {
        let environment = ["CLOUDFLARE_ACCOUNT_ID": "a1", "CLOUDFLARE_API_KEY": "k"]
        let endpoint = try endpoint("cloudflare/@cf/llama", environment: environment)
        #expect(endpoint.base.path == "/client/v4/accounts/a1/ai/v1")
        #expect(endpoint.model == "@cf/llama")
        #expect(endpoint.key == "k")
        #expect(try self.endpoint("databricks/m", base: "https://w.example").lacksKey)
    }

    @Test("gets the path that its provider adds to an address")
    func implicitPaths() throws {
        #expect(try endpoint("databricks/m", base: "https://w.example").base.path == "/serving-endpoints")
        #expect(try endpoint("gemini/m", base: "https://g.example").base.path == "/v1beta/openai")
        #expect(try endpoint("docker_model_runner/m", base: "http://h/engines/v1").base.path == "/engines/v1")
    }

    @Test("of every provider in the table is usable, and no two have a name")
    func table() throws {
        let names = Provider.table.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(!names.contains(where: Provider.isOfAnotherProtocol))
        for provider in Provider.table {
            let endpoint = try endpoint(
                "\(provider.name)/m",
                base: provider.defaultBase == nil ? "https://h.example" : nil,
                environment: ["CLOUDFLARE_ACCOUNT_ID": "a1"]
            )
            #expect(endpoint.provider == provider)
            #expect(endpoint.lacksKey == provider.requiresKey)
        }
    }

    @Test("has a path for each kind of call")
    func paths() throws {
        let endpoint = try endpoint("gpt-4o")
        #expect(endpoint.target("/completions") == "/v1/completions")
        #expect(endpoint.target("/embeddings") == "/v1/embeddings")
    }

    @Test("is what api_base says, else what the environment says, else the provider's own")
    func bases() throws {
        let environment = ["OPENAI_BASE_URL": "http://one/v2", "OPENAI_API_BASE": "http://two/v2"]
        #expect(try endpoint("gpt", base: "http://three/v2?k=1", environment: environment).base.host == "three")
        #expect(try endpoint("gpt", environment: environment).base.host == "one")
        #expect(try endpoint("gpt", environment: ["OPENAI_BASE_URL": ""]).base.host == "api.openai.com")
        #expect(try endpoint("gpt", base: "http://h/v2?k=1").target("/embeddings") == "/v2/embeddings?k=1")
        #expect(try endpoint("ollama/x", base: "http://h:1").target("/embeddings") == "/v1/embeddings")
        #expect(try endpoint("ollama/x", base: "http://h:1/api").target("/embeddings") == "/api/embeddings")
    }

    @Test(
        "of Anthropic is the same whether its address has the version, the path of a call, or neither",
        arguments: ["", "/", "/v1", "/v1/", "/v1/messages"]
    )
    func anthropic(path: String) throws {
        for (base, target) in [
            ("https://api.anthropic.com", "/v1"), ("https://proxy.example/anthropic", "/anthropic/v1"),
        ] {
            let endpoint = try endpoint("anthropic/claude", base: base + path)
            #expect(endpoint.base.path == target)
            #expect(endpoint.model == "claude")
        }
        let named = ["ANTHROPIC_BASE_URL": "https://proxy.example\(path)", "ANTHROPIC_API_KEY": "k"]
        let endpoint = try endpoint("anthropic/claude", environment: named)
        #expect(endpoint.base.host == "proxy.example" && endpoint.target("/messages") == "/v1/messages")
        #expect(try self.endpoint("anthropic/claude", environment: ["ANTHROPIC_API_KEY": "k"]).key == "k")
    }

    @Test("sends a key as the protocol of the call has it")
    func credentials() throws {
        let claude = try endpoint("anthropic/claude", key: "k")
        #expect(claude.credential(for: .anthropic) ?? ("", "") == ("x-api-key", "k"))
        #expect(claude.credential(for: .openAI) ?? ("", "") == ("authorization", "Bearer k"))
        let own = try endpoint("openai/m", base: "http://h/v1", key: "k")
        #expect(own.credential(for: .anthropic) ?? ("", "") == ("authorization", "Bearer k"))
        #expect(try endpoint("openai/m", base: "http://h/v1").credential(for: .anthropic) == nil)
    }

    @Test("has the calls that the table names at a provider's own address, and may have any at another")
    func served() throws {
        let messages = CallDefinition(name: "m", configuredNames: [], upstreamPath: "/messages", wire: .anthropic)
        let chat = CallDefinition(name: "c", configuredNames: [], upstreamPath: "/chat/completions")
        let embeddings = CallDefinition(name: "e", configuredNames: [], upstreamPath: "/embeddings")
        func served(_ endpoint: Endpoint) -> [Bool] { [messages, chat, embeddings].map { endpoint.serves($0) } }
        #expect(served(try endpoint("gpt")) == [false, true, true])
        #expect(served(try endpoint("azure/m", base: "https://h")) == [false, true, true])
        #expect(served(try endpoint("anthropic/claude")) == [true, true, false])
        for model in ["openai/m", "anthropic/m", "hosted_vllm/m"] {
            #expect(served(try endpoint(model, base: "http://h")) == [true, true, true])
        }
    }

    @Test("never gets a key from the environment that belongs to somebody else")
    func keys() throws {
        let environment = ["OPENAI_API_KEY": "sk", "HOSTED_VLLM_API_KEY": "vk"]
        #expect(try endpoint("openai/gpt", base: "https://elsewhere.example/v1", environment: environment).key == nil)
        #expect(try endpoint("openai/gpt", base: "https://api.openai.com/v1", environment: environment).key == "sk")
        #expect(
            try endpoint("openai/gpt", base: "https://elsewhere.example", key: "own", environment: environment).key
                == "own"
        )
        #expect(try endpoint("hosted_vllm/m", base: "http://gpu:8000/v1", environment: environment).key == "vk")
    }

    @Test("of azure names the deployment in the path and the version in the query")
    func azure() throws {
        let base = "https://me.openai.azure.com/"
        let endpoint = try endpoint("azure/my-gpt", base: base, key: "k", version: "2024-02-01")
        #expect(
            endpoint.target("/chat/completions")
                == "/openai/deployments/my-gpt/chat/completions?api-version=2024-02-01"
        )
        let environment = ["AZURE_API_BASE": base, "AZURE_API_KEY": "k", "AZURE_API_VERSION": "v2"]
        #expect(
            try self.endpoint("azure/g", environment: environment).target("/embeddings").hasSuffix("api-version=v2")
        )
        #expect(throws: EndpointProblem.self) { try self.endpoint("azure/../x", base: base) }
        #expect(throws: EndpointProblem.self) { try self.endpoint("azure/x", base: base, version: "1&y=2") }
    }

    @Test("of azure is the deployment behind the names by which LiteLLM tells kinds of models apart")
    func azureKinds() throws {
        for model in ["azure/o_series/d", "azure/gpt5_series/d", "azure/responses/d", "azure/d"] {
            #expect(try endpoint(model, base: "https://h", key: "k").model == "d")
        }
        #expect(throws: EndpointProblem.self) { try endpoint("azure/other/d", base: "https://h", key: "k") }
    }

    @Test("of azure is sent a token in place of a key")
    func azureToken() throws {
        var description = DeploymentDescription(modelName: "m", model: "azure/d", apiBase: "https://h")
        let environment = try Endpoint(description) { $0 == "AZURE_AD_TOKEN" ? "t" : nil }
        #expect(environment.credential(for: .openAI)?.name == "authorization")
        #expect(environment.credential(for: .openAI)?.value == "Bearer t")
        #expect(!environment.lacksKey)
        description.apiKey = "k"
        #expect(
            try Endpoint(description) { $0 == "AZURE_AD_TOKEN" ? "t" : nil }.credential(for: .openAI)?.name == "api-key"
        )
        description.token = "own"
        #expect(try Endpoint(description) { _ in nil }.credential(for: .openAI)?.value == "Bearer own")
    }

    @Test("with an unknown prefix is the server of api_base, which gets the whole name")
    func compatible() throws {
        let endpoint = try endpoint("meta-llama/Llama-3.1-8B", base: "http://gpu:8000/v1")
        #expect(endpoint.model == "meta-llama/Llama-3.1-8B")
        #expect(endpoint.key == nil)
        #expect(!endpoint.lacksKey)
    }

    @Test(
        "is an error that names the member and says how to solve it",
        arguments: [
            ("grok/llama", nil, "model", "did you mean 'groq'?"),
            ("bedrock/claude", nil, "model", "its protocol is not OpenAI's"),
            ("bedrock/claude", "http://gpu/v1", "model", "its protocol is not OpenAI's"),
            ("nobody/claude", nil, "model", "needs an api_base"),
            ("cloudflare/llama", nil, "api_base", "CLOUDFLARE_ACCOUNT_ID"),
            ("custom_openai/m", nil, "api_base", "needs an api_base"),
            ("hosted_vllm/m", nil, "api_base", "HOSTED_VLLM_API_BASE"),
            ("azure/m", nil, "api_base", "AZURE_API_BASE"),
            ("openai/", nil, "model", "names no model"),
            ("", nil, "model", "names no model"),
            ("gpt", "api.openai.com", "api_base", "must begin with http"),
            ("gpt", "https://user:hunter2@h/", "api_base", "must not carry a user name"),
        ]
    )
    func problems(model: String, base: String?, member: String, text: String) throws {
        let problem = #expect(throws: EndpointProblem.self) { try endpoint(model, base: base) }
        #expect(problem?.member == member)
        #expect(problem?.description.contains(text) == true)
        #expect(problem?.description.contains("hunter2") == false)
    }

    @Test("lacks a key only where a cloud needs one")
    func lacksKey() throws {
        #expect(try endpoint("gpt-4o").lacksKey)
        #expect(try !endpoint("gpt-4o", key: "k").lacksKey)
        #expect(try endpoint("azure/x", base: "https://h").lacksKey)
        #expect(try !endpoint("ollama/x").lacksKey)
        #expect(try !endpoint("openai/x", base: "http://localhost:1").lacksKey)
    }
}
