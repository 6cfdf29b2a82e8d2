import Testing

@testable import Upstream

@Suite("The endpoint of a model")
struct EndpointTests {
    private func endpoint(
        _ model: String,
        base: String? = nil,
        key: String? = nil,
        version: String? = nil,
        environment: [String: String] = [:]
    ) throws(EndpointProblem) -> Endpoint {
        try Endpoint(
            DeploymentDescription(modelName: "m", model: model, apiBase: base, apiKey: key, apiVersion: version),
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
        ]
    )
    func known(model: String, url: String, name: String, variable: String) throws {
        let endpoint = try endpoint(model, environment: [variable: "k"])
        #expect(endpoint.base.origin + endpoint.target("/chat/completions") == url)
        #expect(endpoint.model == name)
        #expect(endpoint.key == "k")
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
            ("bedrock/claude", nil, "model", "needs an api_base"),
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
