/// The services that can be named in `provider/model`, with LiteLLM's names, addresses and variables.
extension Provider {
    static let openAI = Provider(
        name: "openai",
        defaultBase: "https://api.openai.com/v1",
        baseVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
        keyVariables: ["OPENAI_API_KEY"],
        requiresKey: true
    )

    static let table: [Provider] = [openAI] + clouds + servers

    /// Services on the internet, which want a key.
    private static let clouds: [Provider] = [
        Provider(
            name: "azure",
            defaultBase: nil,
            baseVariables: ["AZURE_API_BASE"],
            keyVariables: ["AZURE_API_KEY"],
            requiresKey: true,
            authentication: .apiKey,
            paths: .azure,
            isSelfHosted: true
        ),
        cloud("ai21", "https://api.ai21.com/studio/v1"),
        cloud("ai21_chat", "https://api.ai21.com/studio/v1", base: ["AI21_API_BASE"], key: ["AI21_API_KEY"]),
        cloud("aiml", "https://api.aimlapi.com/v1"),
        Provider(
            name: "anthropic",
            defaultBase: "https://api.anthropic.com/v1",
            baseVariables: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"],
            keyVariables: ["ANTHROPIC_API_KEY"],
            requiresKey: true,
            authentication: .byProtocol,
            addsVersion: true,
            ignoredPath: "/v1/messages",
            calls: .at(["/messages", "/messages/count_tokens", "/chat/completions"])
        ),
        cloud("anyscale", "https://api.endpoints.anyscale.com/v1"),
        cloud("baseten", "https://inference.baseten.co/v1"),
        cloud("cerebras", "https://api.cerebras.ai/v1"),
        cloud("clarifai", "https://api.clarifai.com/v2/ext/openai/v1", base: []),
        cloud(
            "cloudflare",
            "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1",
            base: []
        ),
        cloud("codestral", "https://codestral.mistral.ai/v1"),
        cloud("cometapi", "https://api.cometapi.com/v1", key: ["COMETAPI_KEY", "COMETAPI_API_KEY"]),
        cloud("compactifai", "https://api.compactif.ai/v1", base: []),
        cloud("dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        cloud("deepinfra", "https://api.deepinfra.com/v1/openai"),
        cloud("deepseek", "https://api.deepseek.com/v1"),
        cloud("empower", "https://app.empower.dev/api/v1"),
        cloud(
            "featherless_ai",
            "https://api.featherless.ai/v1",
            base: ["FEATHERLESS_AI_API_BASE", "FEATHERLESS_API_BASE"],
            key: ["FEATHERLESS_AI_API_KEY", "FEATHERLESS_API_KEY"]
        ),
        Provider(
            name: "fireworks_ai",
            defaultBase: "https://api.fireworks.ai/inference/v1",
            baseVariables: ["FIREWORKS_API_BASE"],
            keyVariables: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"],
            requiresKey: true,
            modelPrefix: "accounts/fireworks/models/"
        ),
        cloud(
            "friendliai",
            "https://api.friendli.ai/serverless/v1",
            base: ["FRIENDLI_API_BASE"],
            key: ["FRIENDLIAI_API_KEY", "FRIENDLI_TOKEN"]
        ),
        cloud("galadriel", "https://api.galadriel.com/v1"),
        Provider(
            name: "gemini",
            defaultBase: "https://generativelanguage.googleapis.com/v1beta/openai",
            baseVariables: ["GEMINI_API_BASE"],
            keyVariables: ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
            requiresKey: true,
            implicitPath: "/v1beta/openai"
        ),
        cloud("github", "https://models.inference.ai.azure.com"),
        cloud("groq", "https://api.groq.com/openai/v1"),
        cloud(
            "huggingface",
            "https://router.huggingface.co/v1",
            base: ["HF_API_BASE", "HUGGINGFACE_API_BASE"],
            key: ["HUGGINGFACE_API_KEY"]
        ),
        cloud("hyperbolic", "https://api.hyperbolic.xyz/v1"),
        cloud("inception", "https://api.inceptionlabs.ai/v1"),
        cloud(
            "jina_ai",
            "https://api.jina.ai/v1",
            key: ["JINA_AI_API_KEY", "JINA_API_KEY", "JINA_AI_TOKEN"]
        ),
        cloud("lambda_ai", "https://api.lambda.ai/v1", base: ["LAMBDA_API_BASE"], key: ["LAMBDA_API_KEY"]),
        cloud("meta_llama", "https://api.llama.com/compat/v1", base: ["LLAMA_API_BASE"], key: ["LLAMA_API_KEY"]),
        cloud("minimax", "https://api.minimax.io/v1"),
        cloud("mistral", "https://api.mistral.ai/v1"),
        cloud("modelscope", "https://api-inference.modelscope.cn/v1"),
        cloud("moonshot", "https://api.moonshot.ai/v1"),
        cloud("morph", "https://api.morphllm.com/v1"),
        cloud("nebius", "https://api.studio.nebius.ai/v1"),
        cloud("novita", "https://api.novita.ai/v3/openai"),
        cloud("nscale", "https://inference.api.nscale.com/v1"),
        cloud("nvidia_nim", "https://integrate.api.nvidia.com/v1"),
        cloud("openrouter", "https://openrouter.ai/api/v1", key: ["OPENROUTER_API_KEY", "OR_API_KEY"]),
        cloud("ovhcloud", "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", base: []),
        cloud("perplexity", "https://api.perplexity.ai", key: ["PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"]),
        cloud("poe", "https://api.poe.com/v1", base: []),
        cloud("sambanova", "https://api.sambanova.ai/v1"),
        cloud("scaleway", "https://api.scaleway.ai/v1", base: [], key: ["SCW_SECRET_KEY"]),
        cloud(
            "text-completion-openai",
            "https://api.openai.com/v1",
            base: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
            key: ["OPENAI_API_KEY"]
        ),
        cloud(
            "together_ai",
            "https://api.together.xyz/v1",
            key: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"]
        ),
        cloud("v0", "https://api.v0.dev/v1"),
        cloud(
            "vercel_ai_gateway",
            "https://ai-gateway.vercel.sh/v1",
            key: ["VERCEL_AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"]
        ),
        cloud("volcengine", "https://ark.cn-beijing.volces.com/api/v3"),
        cloud("voyage", "https://api.voyageai.com/v1", base: []),
        cloud("wandb", "https://api.inference.wandb.ai/v1"),
        cloud("xai", "https://api.x.ai/v1"),
        cloud("zai", "https://api.z.ai/api/paas/v4"),
    ]

    /// Servers that their users run themselves, and services that have an address for each user.
    private static let servers: [Provider] = [
        server("custom_openai", key: []),
        Provider(
            name: "databricks",
            defaultBase: nil,
            baseVariables: ["DATABRICKS_API_BASE"],
            keyVariables: ["DATABRICKS_API_KEY"],
            requiresKey: true,
            implicitPath: "/serving-endpoints",
            isSelfHosted: true
        ),
        server("docker_model_runner", "http://localhost:22088/engines/llama.cpp", addsVersion: true),
        server("heroku", implicitPath: "/v1"),
        server("hosted_vllm"),
        server("infinity"),
        server("lemonade", "http://localhost:8000/api/v1"),
        server("litellm_proxy"),
        server("llamafile", "http://127.0.0.1:8080/v1"),
        server("lm_studio"),
        server("ollama", "http://localhost:11434/v1", implicitPath: "/v1"),
        server(
            "ollama_chat",
            "http://localhost:11434/v1",
            base: ["OLLAMA_API_BASE"],
            key: ["OLLAMA_API_KEY"],
            implicitPath: "/v1"
        ),
        server("openai_like"),
        server("xinference", "http://127.0.0.1:9997/v1"),
    ]

    /// - Parameters:
    ///   - variables: those of the base URL, by default `NAME_API_BASE`.
    ///   - key: those of the key, by default `NAME_API_KEY`.
    private static func cloud(
        _ name: String,
        _ base: String,
        base variables: [String]? = nil,
        key: [String]? = nil
    ) -> Provider {
        Provider(
            name: name,
            defaultBase: base,
            baseVariables: variables ?? ["\(name.uppercased())_API_BASE"],
            keyVariables: key ?? ["\(name.uppercased())_API_KEY"],
            requiresKey: true
        )
    }

    private static func server(
        _ name: String,
        _ base: String? = nil,
        base variables: [String]? = nil,
        key: [String]? = nil,
        implicitPath: String = "",
        addsVersion: Bool = false
    ) -> Provider {
        var server = cloud(name, "", base: variables, key: key)
        server.defaultBase = base
        server.requiresKey = false
        server.implicitPath = implicitPath
        server.addsVersion = addsVersion
        server.isSelfHosted = true
        return server
    }

    /// Names of LiteLLM's providers whose protocol is neither OpenAI's nor Anthropic's.
    static let ofAnotherProtocol = [
        "a2a", "aleph_alpha", "azure_ai", "azure_text", "aws_polly", "bedrock", "bedrock_converse", "bedrock_mantle",
        "black_forest_labs", "chatgpt", "cohere", "cohere_chat", "datarobot", "deepgram", "elevenlabs", "fal_ai",
        "gigachat", "github_copilot", "gradient_ai", "langflow", "langgraph", "maritalk", "nlp_cloud", "oci",
        "oobabooga", "palm", "petals", "predibase", "ragflow", "recraft", "replicate", "runwayml", "sagemaker",
        "sagemaker_chat", "sap", "snowflake", "stability", "text-completion-codestral", "topaz", "triton", "vertex_ai",
        "vertex_ai_beta", "vllm", "watsonx", "watsonx_text",
    ]
}
