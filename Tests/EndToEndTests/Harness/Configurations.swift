/// Configurations that several tests use. `UPSTREAM` stands for the address of the recording upstream.
enum Configurations {
    /// Chat, embeddings and completions from one upstream, in this order of models.
    static let models = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params:
              model: openai/gpt-3.5-turbo-0125
              api_base: UPSTREAM/v1
              api_key: sk-upstream
          - model_name: gpt-4
            litellm_params:
              model: openai/gpt-4-0613
              api_base: UPSTREAM/v1
              api_key: sk-upstream
          - model_name: gpt-3.5-turbo-instruct
            litellm_params:
              model: openai/gpt-3.5-turbo-instruct
              api_base: UPSTREAM/v1
              api_key: sk-upstream
          - model_name: text-embedding-ada-002
            litellm_params:
              model: openai/text-embedding-ada-002
              api_base: UPSTREAM/v1
              api_key: sk-upstream

        """

    /// The models without a cache.
    static let uncached = models

    /// The models with the local cache.
    static let local = cached("type: local")

    /// The models with a cache that has these parameters, one a line.
    static func cached(_ parameters: String) -> String {
        let lines = parameters.split(separator: "\n").map { "    \($0)\n" }.joined()
        return models + "litellm_settings:\n  cache: True\n  cache_params:\n" + lines
    }

    /// The local cache, and a key that every caller must send.
    static let authenticated = local + "general_settings:\n  master_key: sk-master\n"
}
