/// The prices of common models in US dollars for a million tokens. Each line has the provider and the model, then what
/// a million tokens cost: of the question, of the answer and, where it is known, of what the provider found in a cache
/// of its own.
///
/// Made by `scripts/prices.py` from the table of LiteLLM 1.110.2
/// (https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json).
enum KnownPrices {
    /// The day on which the prices were taken from their source.
    static let date = "2026-11-27"

    static let lines = """
        anthropic/claude-fable-5 10 50 1
        anthropic/claude-fable-5-1 10 50 0.25
        anthropic/claude-haiku-4-5 1 5 0.1
        anthropic/claude-haiku-5-5 0.1 0.5 0.01
        anthropic/claude-mythos-5 10 50 1
        anthropic/claude-mythos-5-1 10 50 0.25
        anthropic/claude-opus-4-5 5 25 0.5
        anthropic/claude-opus-4-6 5 25 0.5
        anthropic/claude-opus-4-7 5 25 0.5
        anthropic/claude-opus-4-8 5 25 0.5
        anthropic/claude-opus-5 5 25 0.5
        anthropic/claude-opus-5-5 4 20 0.2
        anthropic/claude-sonnet-4-5 3 15 0.3
        anthropic/claude-sonnet-4-6 3 15 0.3
        anthropic/claude-sonnet-5 2 10 0.2
        anthropic/claude-sonnet-5-5 2 10 0.1
        azure/ada 0.11 0
        azure/chat-latest 5 30 0.5
        azure/gpt-3.5-turbo 0.5 1.5
        azure/gpt-35-turbo 0.5 1.5
        azure/gpt-4-0125-preview 10 30
        azure/gpt-4-1106-preview 10 30
        azure/gpt-4-turbo 11 33
        azure/gpt-4-turbo-vision-preview 11 33
        azure/gpt-4.1 2 8 0.5
        azure/gpt-4.1-mini 0.4 1.6 0.1
        azure/gpt-4.1-nano 0.1 0.4 0.025
        azure/gpt-4o 2.5 10 1.25
        azure/gpt-4o-2024-05-13 5 15
        azure/gpt-4o-mini 0.15 0.6 0.075
        azure/gpt-5 1.25 10 0.125
        azure/gpt-5-codex 1.25 10 0.125
        azure/gpt-5-mini 0.25 2 0.025
        azure/gpt-5-nano 0.05 0.4 0.005
        azure/gpt-5-pro 15 120
        azure/gpt-5.1 1.25 10 0.125
        azure/gpt-5.1-codex 1.25 10 0.125
        azure/gpt-5.1-codex-max 1.25 10 0.125
        azure/gpt-5.1-codex-mini 0.25 2 0.025
        azure/gpt-5.2 1.75 14 0.175
        azure/gpt-5.2-codex 1.75 14 0.175
        azure/gpt-5.2-pro 21 168
        azure/gpt-5.3-codex 1.75 14 0.175
        azure/gpt-5.4 2.5 15 0.25
        azure/gpt-5.4-mini 0.75 4.5 0.075
        azure/gpt-5.4-nano 0.2 1.25 0.02
        azure/gpt-5.4-pro 30 180 3
        azure/gpt-5.5 5 30 0.5
        azure/gpt-5.5-pro 30 180 3
        azure/gpt-5.6 4 20 0.4
        azure/gpt-5.6-luna 0.2 1.2 0.02
        azure/gpt-5.6-sol 4 20 0.4
        azure/gpt-5.6-terra 2 12 0.2
        azure/gpt-6-astra 10 50 1
        azure/gpt-6-luna 0.1 0.5 0.01
        azure/gpt-6-sol 2 10 0.2
        azure/gpt-6.1-sol 2 10 0.1
        azure/gpt-6.1-terra 1 5 0.05
        azure/gpt-chat-latest 5 30 0.5
        azure/mistral-large-2402 8 24
        azure/mistral-large-latest 8 24
        azure/o1-mini 1.1 4.4 0.55
        azure/text-embedding-3-large 0.143 0
        azure/text-embedding-3-small 0.022 0
        azure/text-embedding-ada-002 0.11 0
        cerebras/gemma-4-31b 0.99 1.49
        cerebras/gpt-oss-120b 0.35 0.75
        cerebras/llama-3.1-70b 0.6 0.6
        cerebras/llama-3.1-8b 0.1 0.1
        cerebras/qwen-3.8-27b 0.99 1.49
        deepseek/deepseek-coder 0.14 0.28 0.014
        deepseek/deepseek-flash 0.3 1.2 0.006
        deepseek/deepseek-r1 0.55 2.19 0.14
        deepseek/deepseek-v3 0.27 1.1 0.07
        deepseek/deepseek-v3.2 0.28 0.4 0.028
        deepseek/deepseek-v4-flash 0.3 1.2 0.006
        deepseek/deepseek-v4-pro 1.32 3.96 0.044
        gemini/gemini-2.5-flash 0.3 2.5 0.03
        gemini/gemini-2.5-flash-lite 0.1 0.4 0.01
        gemini/gemini-2.5-pro 1.25 10 0.125
        gemini/gemini-3-flash-preview 0.5 3 0.05
        gemini/gemini-3.1-flash-lite 0.25 1.5 0.025
        gemini/gemini-3.1-pro-preview 2 12 0.2
        gemini/gemini-3.1-pro-preview-customtools 2 12 0.2
        gemini/gemini-3.5-flash 1.5 9 0.15
        gemini/gemini-3.5-flash-lite 0.3 2.5 0.03
        gemini/gemini-3.6-flash 0.75 3.75 0.075
        gemini/gemini-3.7-flash 0.75 3.75 0.075
        gemini/gemini-3.8-flash 0.75 3.75 0.075
        gemini/gemini-4-argon 2 10 0.1
        gemini/gemini-4-hydrogen 1.5 7.5 0.075
        gemini/gemini-embedding-001 0.15 0
        gemini/gemini-embedding-2 0.2 0
        gemini/gemini-flash-latest 0.75 3.75 0.075
        gemini/gemini-flash-lite-latest 0.3 2.5 0.03
        gemini/gemini-gemma-2-27b-it 0.35 1.05
        gemini/gemini-gemma-2-9b-it 0.35 1.05
        gemini/gemini-pro-latest 2 12 0.2
        groq/meta-llama/llama-prompt-guard-2-22m 0.03 0.03
        groq/meta-llama/llama-prompt-guard-2-86m 0.04 0.04
        groq/openai/gpt-oss-120b 0.15 0.6 0.075
        groq/openai/gpt-oss-20b 0.075 0.3 0.0375
        groq/openai/gpt-oss-safeguard-20b 0.075 0.3 0.037
        groq/qwen/qwen3.8-27b 0.8 4
        minimax/MiniMax-M2 0.3 1.2 0.03
        minimax/MiniMax-M2.1 0.3 1.2 0.03
        minimax/MiniMax-M2.1-lightning 0.3 2.4 0.03
        minimax/MiniMax-M2.5 0.3 1.2 0.03
        minimax/MiniMax-M2.5-lightning 0.3 2.4 0.03
        minimax/MiniMax-M3 0.3 1.2 0.06
        mistral/codestral-2508 0.3 0.9 0.03
        mistral/codestral-embed 0.15 0 0.015
        mistral/codestral-latest 0.3 0.9 0.03
        mistral/codestral-mamba-latest 0.25 0.25 0.025
        mistral/deepseek-v4-1-flash-1017 0.3 1.2 0.007
        mistral/devstral-latest 0.4 2 0.04
        mistral/devstral-medium-latest 0.4 2 0.04
        mistral/devstral-small-latest 0.1 0.3 0.01
        mistral/glm-5-2 1.4 4.4 0.14
        mistral/magistral-medium-latest 1.5 7.5 0.15
        mistral/magistral-small-latest 0.15 0.6 0.015
        mistral/ministral-14b-2512 0.2 0.2 0.02
        mistral/ministral-14b-latest 0.2 0.2 0.02
        mistral/ministral-3-14b-2512 0.2 0.2 0.02
        mistral/ministral-3-3b-2512 0.1 0.1 0.01
        mistral/ministral-3-8b-2512 0.15 0.15 0.015
        mistral/ministral-3b-2512 0.1 0.1 0.01
        mistral/ministral-3b-latest 0.1 0.1 0.01
        mistral/ministral-8b-2512 0.15 0.15 0.015
        mistral/ministral-8b-latest 0.15 0.15 0.015
        mistral/mistral-code-agent-latest 0.4 2 0.04
        mistral/mistral-code-fim-latest 0.3 0.9 0.03
        mistral/mistral-code-latest 0.3 0.9 0.03
        mistral/mistral-embed 0.1 0
        mistral/mistral-large-2512 0.5 1.5 0.05
        mistral/mistral-large-3 0.5 1.5 0.05
        mistral/mistral-large-4 0.7 2.1 0.07
        mistral/mistral-large-4-0 0.7 2.1 0.07
        mistral/mistral-large-latest 0.5 1.5 0.05
        mistral/mistral-medium 1.5 7.5 0.15
        mistral/mistral-medium-3 1.5 7.5 0.15
        mistral/mistral-medium-3-5 1.5 7.5 0.15
        mistral/mistral-medium-3.5 1.5 7.5 0.15
        mistral/mistral-medium-latest 1.5 7.5 0.15
        mistral/mistral-small 0.1 0.3 0.01
        mistral/mistral-small-2603 0.15 0.6 0.015
        mistral/mistral-small-latest 0.15 0.6 0.015
        mistral/mistral-tiny 0.25 0.25 0.025
        mistral/open-mistral-nemo 0.3 0.3 0.03
        mistral/pixtral-large-latest 2 6 0.2
        mistral/zai-glm-5 1.4 4.4 0.14
        mistral/zai-glm-5-3 1.4 4.4 0.14
        mistral/zai-glm-5-3-flash 0.15 0.5 0.03
        mistral/zai-glm-latest 1.4 4.4 0.14
        moonshot/kimi-k2.6 0.95 4 0.16
        moonshot/kimi-k2.7-code 0.95 4 0.19
        moonshot/kimi-k3 3 15 0.3
        moonshot/kimi-k3.1-pro 2 10 0.2
        moonshot/kimi-k3.1-pro-highspeed 4 20 0.2
        openai/chat-latest 5 30 0.5
        openai/ft:gpt-4.1-2025-04-14 3 12 0.75
        openai/ft:gpt-4.1-mini-2025-04-14 0.8 3.2 0.2
        openai/ft:gpt-4o-2024-08-06 3.75 15 1.875
        openai/ft:gpt-4o-2024-11-20 3.75 15
        openai/ft:gpt-4o-mini-2024-07-18 0.3 1.2 0.15
        openai/gpt-4.1 2 8 0.5
        openai/gpt-4.1-mini 0.4 1.6 0.1
        openai/gpt-4o 2.5 10 1.25
        openai/gpt-4o-mini 0.15 0.6 0.075
        openai/gpt-5 1.25 10 0.125
        openai/gpt-5-mini 0.25 2 0.025
        openai/gpt-5-nano 0.05 0.4 0.005
        openai/gpt-5-pro 15 120
        openai/gpt-5.1 1.25 10 0.125
        openai/gpt-5.2 1.75 14 0.175
        openai/gpt-5.2-pro 21 168
        openai/gpt-5.3-codex 1.75 14 0.175
        openai/gpt-5.4 2.5 15 0.25
        openai/gpt-5.4-mini 0.75 4.5 0.075
        openai/gpt-5.4-nano 0.2 1.25 0.02
        openai/gpt-5.4-pro 30 180
        openai/gpt-5.5 5 30 0.5
        openai/gpt-5.5-pro 30 180
        openai/gpt-5.6 4 20 0.4
        openai/gpt-5.6-luna 0.2 1.2 0.02
        openai/gpt-5.6-sol 4 20 0.4
        openai/gpt-5.6-terra 2 12 0.2
        openai/gpt-6-astra 10 50 1
        openai/gpt-6-astra-law 10 50 1
        openai/gpt-6-luna 0.1 0.5 0.01
        openai/gpt-6-sol 2 10 0.2
        openai/gpt-6.1-sol 2 10 0.1
        openai/gpt-6.1-terra 1 5 0.05
        openai/o3 2 8 0.5
        openai/o3-pro 20 80
        openai/text-embedding-3-large 0.13 0
        openai/text-embedding-3-small 0.02 0
        openai/text-embedding-ada-002 0.1 0
        openai/text-embedding-ada-002-v2 0.1 0
        text-completion-openai/gpt-3.5-turbo-instruct-0914 1.5 2
        together_ai/BAAI/bge-base-en-v1.5 0.008 0
        together_ai/MiniMaxAI/MiniMax-M2.7 0.3 1.2 0.06
        together_ai/MiniMaxAI/MiniMax-M3.1-Flash 0.15 0.6 0.015
        together_ai/Qwen/Qwen2-1.5B-Instruct 0.02 0.02
        together_ai/Qwen/Qwen2.5-14B-Instruct 0.8 0.8
        together_ai/Qwen/Qwen2.5-72B-Instruct 1.2 1.2
        together_ai/Qwen/Qwen2.5-7B-Instruct-Turbo 0.3 0.3
        together_ai/Qwen/Qwen3.5-9B 0.17 0.25
        together_ai/Qwen/Qwen3.6-Plus 0.5 3
        together_ai/Qwen/Qwen3.7-Max 2.5 7.5 0.5
        together_ai/Qwen/Qwen3.7-Plus 0.32 1.28
        together_ai/Qwen/Qwen3.8-Flash 0.15 0.47
        together_ai/arcee-ai/trinity-mini 0.045 0.15
        together_ai/arize-ai/qwen-2-1.5b-instruct 0.1 0.1
        together_ai/deepseek-ai/DeepSeek-R1-0528 3 7
        together_ai/deepseek-ai/DeepSeek-V3 1.25 1.25
        together_ai/deepseek-ai/DeepSeek-V4-Pro-0813 1.32 3.96 0.13
        together_ai/deepseek-ai/DeepSeek-V4.1-Flash 0.3 1.2 0.006
        together_ai/essentialai/rnj-1-instruct 0.15 0.15
        together_ai/meta-llama/Llama-3.1-405B-Instruct 3.5 3.5
        together_ai/meta-llama/Llama-3.2-1B-Instruct 0.06 0.06
        together_ai/meta-llama/Llama-3.2-3B-Instruct 0.06 0.06
        together_ai/meta-llama/Meta-Llama-3.1-8B 0.2 0.2
        together_ai/meta-models/Muse-Glimmer-30B 0.35 1.5 0.04
        together_ai/meta-models/Muse-Spark-Open-816B-A42B 1.25 4.25 0.15
        together_ai/mistralai/Ministral-3-14B-Instruct-2512 0.2 0.2
        together_ai/mistralai/Mistral-7B-Instruct-v0.3 0.2 0.2
        together_ai/moonshotai/Kimi-K2-Instruct 1 3
        together_ai/moonshotai/Kimi-K2.5-fp4 0.5 2.8
        together_ai/moonshotai/Kimi-K3 3 15 0.3
        together_ai/moonshotai/Kimi-K3.1-Pro 2 10 0.2
        together_ai/nvidia/NVIDIA-Nemotron-3.5-Super-VL 0.15 0.5 0.02
        together_ai/openai/gpt-oss-120b 0.15 0.6
        together_ai/reflection/Beam-1.0-501B-A23B 0.4 1.2 0.04
        together_ai/ricursive-ai/Ripple-65B-Preview 0.2 0.6 0.02
        together_ai/zai-org/GLM-4.6 0.6 2.2
        together_ai/zai-org/GLM-5.2 1.4 4.4 0.26
        together_ai/zai-org/GLM-5.3 1.4 4.4 0.26
        together_ai/zai-org/GLM-5.3-Flash 0.15 0.5 0.03
        voyage/voyage-2 0.1 0
        voyage/voyage-3 0.06 0
        voyage/voyage-3-large 0.18 0
        voyage/voyage-3-lite 0.02 0
        voyage/voyage-3.5 0.06 0
        voyage/voyage-3.5-lite 0.02 0
        voyage/voyage-4 0.06 0
        voyage/voyage-4-large 0.12 0
        voyage/voyage-4-lite 0.02 0
        voyage/voyage-code-2 0.12 0
        voyage/voyage-code-3 0.18 0
        voyage/voyage-code-4 0.12 0
        voyage/voyage-context-3 0.18 0
        voyage/voyage-context-4 0.12 0
        voyage/voyage-finance-2 0.12 0
        voyage/voyage-large-2 0.12 0
        voyage/voyage-large-2-instruct 0.12 0
        voyage/voyage-law-2 0.12 0
        voyage/voyage-lite-01 0.1 0
        voyage/voyage-lite-02-instruct 0.1 0
        voyage/voyage-multilingual-2 0.12 0
        xai/grok-4.20 1.25 2.5 0.2
        xai/grok-4.20-0309-non-reasoning 1.25 2.5 0.2
        xai/grok-4.20-0309-reasoning 1.25 2.5 0.2
        xai/grok-4.20-multi-agent 1.25 2.5 0.2
        xai/grok-4.20-multi-agent-latest 1.25 2.5 0.2
        xai/grok-4.20-non-reasoning 1.25 2.5 0.2
        xai/grok-4.20-non-reasoning-latest 1.25 2.5 0.2
        xai/grok-4.20-reasoning 1.25 2.5 0.2
        xai/grok-4.20-reasoning-latest 1.25 2.5 0.2
        xai/grok-4.3 1.25 2.5 0.2
        xai/grok-4.3-latest 1.25 2.5 0.2
        xai/grok-4.5 2 6 0.3
        xai/grok-4.5-latest 2 6 0.3
        xai/grok-4.6 2 6 0.5
        xai/grok-4.7 2 6 0.5
        xai/grok-build-0.1 1 2 0.2
        xai/grok-build-latest 2 6 0.3
        xai/grok-code-fast 1 2 0.2
        xai/grok-code-fast-1-0825 1 2 0.2
        zai/glm-4-32b-0414-128k 0.1 0.1
        zai/glm-4.5 0.6 2.2
        zai/glm-4.5-air 0.2 1.1
        zai/glm-4.5-airx 1.1 4.5
        zai/glm-4.5-x 2.2 8.9
        zai/glm-4.5v 0.6 1.8
        zai/glm-4.6 0.6 2.2 0.11
        zai/glm-4.7 0.6 2.2 0.11
        zai/glm-5 1 3.2 0.2
        zai/glm-5-code 1.2 5 0.3
        zai/glm-5.1 1.4 4.4 0.26
        zai/glm-5.2 1.4 4.4 0.26
        zai/glm-5.3 1.4 4.4 0.26
        zai/glm-5.3-flash 0.15 0.5 0.03
        zai/glm-5v-turbo 1.2 4 0.24
        """
}
