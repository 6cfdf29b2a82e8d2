import Foundation
import Testing

/// Configurations of the kinds that LiteLLM's documentation publishes, each reduced to what distinguishes it.
@Suite("A configuration as LiteLLM's documentation has it", .timeLimit(.minutes(1)))
struct PublishedConfigurationTests {
    private static let configurations = [
        "several deployments of a name": """
        model_list:
          - model_name: gpt-4o
            litellm_params: {model: azure/eu, api_base: https://eu.example, api_key: k, rpm: 6, tpm: 1000}
            model_info: {id: eu, mode: chat, base_model: azure/gpt-4o}
          - model_name: gpt-4o
            litellm_params: {model: openai/gpt-4o, api_key: k, order: 2, max_parallel_requests: 5}
        router_settings:
          routing_strategy: least-busy
          model_group_alias: {gpt-4: gpt-4o, hidden: {model: gpt-4o, hidden: true}}
          num_retries: 2
          timeout: 30
          redis_host: r.example
          redis_port: 6379
        """,
        "fallbacks": """
        model_list:
          - {model_name: a, litellm_params: {model: openai/a, api_key: k}}
          - {model_name: b, litellm_params: {model: azure/b, api_base: https://h.example, api_key: k}}
        litellm_settings:
          num_retries: 3
          request_timeout: 10
          fallbacks: [{"a": ["b"]}]
          default_fallbacks: ["b"]
          context_window_fallbacks: [{"a": ["b"]}]
          content_policy_fallbacks: [{"a": ["b"]}]
          allowed_fails: 3
          cooldown_time: 30
        """,
        "wildcards": """
        model_list:
          - {model_name: "*", litellm_params: {model: "*"}}
          - {model_name: "anthropic/*", litellm_params: {model: "anthropic/*", api_key: k}}
          - {model_name: "bedrock/us.*", litellm_params: {model: "bedrock/us.*"}}
          - {model_name: "openai/fo::*:static::*", litellm_params: {model: "openai/fo::*:static::*", api_key: k}}
        general_settings: {master_key: sk-1234}
        """,
        "only Bedrock": """
        model_list:
          - model_name: claude
            litellm_params:
              model: bedrock/anthropic.claude-3-sonnet-20240229-v1:0
              aws_access_key_id: os.environ/CUSTOM_AWS_ACCESS_KEY_ID
              aws_secret_access_key: os.environ/CUSTOM_AWS_SECRET_ACCESS_KEY
              aws_region_name: us-east-1
        """,
        "only Vertex AI": """
        model_list:
          - model_name: gemini
            litellm_params: {model: vertex_ai/gemini-pro, vertex_project: p, vertex_location: l, vertex_credentials: /c}
        litellm_settings: {vertex_project: p, drop_params: true, success_callback: ["langfuse"]}
        """,
        "servers of one's own": """
        model_list:
          - {model_name: vllm, litellm_params: {model: hosted_vllm/meta-llama/Llama-3, api_base: http://h:8000/v1}}
          - {model_name: ollama, litellm_params: {model: ollama_chat/llama3, api_base: http://h:11434, keep_alive: 8m}}
          - {model_name: file, litellm_params: {model: llamafile/m, api_base: http://h:8080/v1}}
          - {model_name: studio, litellm_params: {model: lm_studio/m, api_base: http://h:1234/v1}}
          - {model_name: any, litellm_params: {model: openai/m, api_base: http://h/v1, api_key: none}}
          - {model_name: like, litellm_params: {model: openai_like/m, api_base: http://h/v1}}
          - {model_name: named, litellm_params: {model: m, custom_llm_provider: openai, api_base: http://h/v1}}
        """,
        "services": """
        model_list:
          - {model_name: a, litellm_params: {model: groq/m, api_key: k}}
          - {model_name: b, litellm_params: {model: cerebras/m, api_key: k}}
          - {model_name: c, litellm_params: {model: nvidia_nim/m, api_key: k}}
          - {model_name: d, litellm_params: {model: deepinfra/m, api_key: k}}
          - {model_name: e, litellm_params: {model: github/m, api_key: k}}
          - {model_name: f, litellm_params: {model: huggingface/org/m, api_key: k}}
          - {model_name: g, litellm_params: {model: gemini/gemini-2.5-flash, api_key: k}}
          - {model_name: h, litellm_params: {model: databricks/m, api_base: https://w.example/serving-endpoints, api_key: k}}
          - {model_name: i, litellm_params: {model: litellm_proxy/m, api_base: http://p.example, api_key: k}}
          - {model_name: j, litellm_params: {model: replicate/m, api_key: k}}
          - {model_name: k, litellm_params: {model: azure/speech/azure-tts, api_base: https://s.example, api_key: k}}
        """,
        "parameters of models": """
        model_list:
          - model_name: strict
            litellm_params:
              model: openai/gpt-4o
              api_key: k
              temperature: 0.2
              max_tokens: 4096
              extra_headers: {x-team: a}
              extra_body: {reasoning: {effort: low}}
              drop_params: true
              additional_drop_params: [user]
              input_cost_per_token: 0.000001
              tags: [free]
            model_info: {max_tokens: 4096, supports_vision: true}
        """,
        "azure with a token": """
        model_list:
          - model_name: o1
            litellm_params:
              model: azure/o_series/o1
              api_base: https://h.example
              azure_ad_token: os.environ/AZURE_TOKEN
              tenant_id: os.environ/AZURE_TENANT_ID
        """,
        "caching": """
        model_list:
          - {model_name: a, litellm_params: {model: openai/a, api_key: k}}
        litellm_settings:
          set_verbose: True
          cache: True
          cache_params: {type: redis, host: h, port: 6379, password: p, namespace: n, ttl: 600, supported_call_types: [acompletion]}
        """,
        "the proxy's own settings": """
        model_list:
          - {model_name: a, litellm_params: {model: openai/a, api_key: k}, access_groups: [beta]}
        general_settings:
          master_key: sk-1234
          database_url: postgresql://h
          alerting: [slack]
          pass_through_endpoints: [{path: /v1/rerank, target: https://h.example, headers: {a: b}}]
          custom_auth: custom_auth.user_api_key_auth
        guardrails:
          - {guardrail_name: g, litellm_params: {guardrail: presidio, mode: pre_call}}
        mcp_servers: {m: {url: https://h.example}}
        environment_variables: {LANGFUSE_HOST: https://h.example}
        """,
        "routers of LiteLLM's own": """
        model_list:
          - {model_name: a, litellm_params: {model: openai/a, api_key: k, weight: 2}}
          - {model_name: auto, litellm_params: {model: auto_router/auto_router_1, auto_router_config_path: router.json}}
        router_settings:
          routing_strategy: usage-based-routing-v2
          enable_pre_call_checks: true
          optional_pre_call_checks: [prompt_caching]
          allowed_fails_policy: {BadRequestErrorAllowedFails: 1000}
          retry_policy: {TimeoutErrorRetries: 3}
        """,
    ]

    @Test("is valid: no key or provider that the gateway does not have is a reason to refuse it")
    func valid() async throws {
        let directory = try TemporaryDirectory()
        for (name, text) in Self.configurations {
            let file = try directory.write(text + "\n", to: "config.yaml")
            let result = try await Command.run(
                Repository.gateway,
                ["check", file.path, "--plugin-dir", Repository.plugins.path],
                directory: directory.url,
                environment: ["AZURE_TOKEN": "t"]
            )
            #expect(result.status == 0, "\(name): \(result.standardError)")
            #expect(!result.standardError.contains("unknown key"), "\(name): \(result.standardError)")
        }
    }
}
