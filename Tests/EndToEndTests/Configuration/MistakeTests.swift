import Foundation
import Testing

/// The messages of `gateway check` about mistakes: one line each, with its place, what is wrong and how to correct it.
@Suite("A mistake in the configuration", .timeLimit(.minutes(1)))
struct MistakeTests {
    /// One model, on lines 1 to 4, followed by `rest`.
    private static func file(_ rest: String) -> String {
        "model_list:\n  - model_name: a\n    litellm_params:\n      {model: openai/a, mock_response: hi}\n" + rest
    }

    private static func cache(_ parameters: String) -> String {
        file("litellm_settings:\n  cache: true\n  cache_params:\n    \(parameters)\n")
    }

    static let warnings: [(configuration: String, message: String)] = [
        (
            file("cache_params: {type: local}\n"),
            "5:1: warning: 'cache_params' has no effect at the top level; it belongs in litellm_settings"
        ),
        (
            file("litellm_settings:\n  master_key: sk-secret\n"),
            "6:3: warning: 'master_key' has no effect in litellm_settings; it belongs in general_settings"
        ),
        (
            file("litellm_settings:\n  num_retry: 1\n"),
            "6:3: warning: unknown key 'num_retry' in litellm_settings; did you mean 'num_retries'?"
        ),
        (
            file("general_settings:\n  master_key: os.environ.SECRET\n"),
            "6:15: warning: this is taken as text, not from the environment; write os.environ/SECRET"
        ),
        (
            file("general_settings:\n  master_key: ${SECRET}\n"),
            "6:15: warning: this is taken as text, not from the environment; write os.environ/SECRET"
        ),
        (
            "model_list:\n  - model_name: a\n    litellm_params:\n      model: openai/a\n      api_key: x\n"
                + "      api_base: http://h/v1/chat/completions\n",
            "6:17: warning: 'api_base' in litellm_params ends in /chat/completions, which the gateway adds by itself; leave it out"
        ),
        (
            cache("{type: local, default_redis_ttl: 5}"),
            "8:19: warning: 'default_redis_ttl' in cache_params is accepted from LiteLLM, but has no effect here; set 'ttl' or 'default_in_redis_ttl'"
        ),
        (
            cache("{type: local, redis_flush_size: 100}"),
            "8:19: warning: 'redis_flush_size' in cache_params belongs to cache type 'redis' and has no effect with type 'local'; remove it"
        ),
        (
            cache("{type: local, similarity_threshold: 0.8}"),
            "8:19: warning: 'similarity_threshold' in cache_params belongs to cache type 'redis-semantic' or 'qdrant-semantic' and has no effect with type 'local'; remove it"
        ),
        (
            cache("{type: local, host: os.environ/NOT_SET}"),
            "8:19: warning: 'host' in cache_params belongs to cache type 'redis' and has no effect with type 'local'; remove it"
        ),
        // This is known only to the libraries in the plugin directory.
        (
            cache("{type: local, ssl_ca_certs: /x}"),
            "8:19: warning: 'ssl_ca_certs' in cache_params belongs to cache type 'redis' and has no effect with type 'local'; remove it"
        ),
        (
            cache("{type: redis, host: h, max_size: 1GB}"),
            "8:28: warning: 'max_size' in cache_params belongs to cache type 'local' and has no effect with type 'redis'; remove it"
        ),
        (
            file(
                "  - model_name: claude\n    litellm_params:\n      model: bedrock/claude-3\n"
            ),
            "7:14: warning: model 'claude' is disabled: the provider 'bedrock' of model 'bedrock/claude-3' is not supported; its protocol is not OpenAI's; 'gateway reference' lists the providers"
        ),
        (
            file("  - model_name: all\n    litellm_params:\n      model: openai/*\n"),
            "7:14: warning: model 'all' is disabled: 'openai/*' has not as many stars as the model_name 'all'; each star of model stands for what the same star of model_name stands for"
        ),
    ]

    @Test("that leaves a gateway that can serve is a warning, and an error with --strict", arguments: warnings)
    func warned(configuration: String, message: String) async throws {
        let checked = try await Checked.check(configuration)
        #expect(checked.status == 0)
        #expect(checked.messages == ["config.yaml:" + message])
        #expect(!checked.messages.joined().contains("sk-secret"))
        let strict = try await Checked.check(configuration, "--strict")
        #expect(strict.status == 78)
        #expect(
            strict.messages == ["config.yaml:" + message, "config.yaml: 1 warning, not allowed by --strict"]
        )
    }

    static let errors: [(configuration: String, message: String)] = [
        (
            "model_list:\n  - model_name: a\n    litellm_params:\n      model: openai/a\n      api_base: localhost:8080/v1\n",
            "5:17: api_base is not a usable URL: it must begin with http:// or https://"
        ),
        ("model_list: []\n", "1:13: model_list is empty, so no request could be answered; add a model"),
        (
            "model_list:\n  - model_name: a\n    litellm_params: {model: openai/a, api_key: os.environ/NOT_SET}\n",
            "3:48: the environment variable 'NOT_SET' is not set; set it, or put it into .env"
        ),
        (
            cache("{type: redis, password: os.environ/NOT_SET}"),
            "8:29: the environment variable 'NOT_SET' is not set; set it, or put it into .env"
        ),
        (
            cache("supported_call_types: [acompletoin]"),
            "8:28: unknown call type 'acompletoin'; did you mean 'acompletion'? Valid: aanthropic_count_tokens, aanthropic_messages, acompletion, aembedding, aimage_edit, aimage_generation, aimage_variation, amoderation, anthropic_count_tokens, anthropic_messages, arerank, aresponse_input_tokens, aresponses, aspeech, atext_completion, atranscription, atranslation, completion, embedding, image_edit, image_generation, image_variation, moderation, rerank, response_input_tokens, responses, speech, text_completion, transcription, translation"
        ),
        (
            cache("{type: local, max_itemsize: 1}"),
            "8:19: unknown key 'max_itemsize' in cache_params; did you mean 'max_item_size'?"
        ),
        (
            cache("{type: local, master_key: sk-secret}"),
            "8:19: 'master_key' is no key of cache_params; it belongs in general_settings"
        ),
        (
            cache("{type: redis, host: h, s3_bucket: b}"),
            "8:28: unknown key 's3_bucket' in cache_params; 'gateway plugins describe redis' lists what there is"
        ),
    ]

    @Test("that leaves nothing to serve with is an error with its place", arguments: errors)
    func refused(configuration: String, message: String) async throws {
        let checked = try await Checked.check(configuration)
        #expect(checked.status == 1)
        #expect(checked.messages == ["config.yaml:" + message, "config.yaml: 1 error"])
        let strict = try await Checked.check(configuration, "--strict")
        #expect(strict.status == 78)
        #expect(strict.messages == checked.messages)
    }

    @Test("in the sizes of the local cache is an error at the size, unless it is the default's")
    func sizes() async throws {
        let checked = try await Checked.check(Self.cache("{type: local, max_size: 1MB, max_item_size: 2MB}"))
        #expect(checked.status == 1)
        #expect(checked.messages.first?.hasPrefix("config.yaml:8:49: cache plugin 'local' (") == true)
        #expect(
            checked.messages.first?.hasSuffix(
                ": max_item_size is above max_size, so no item of that size could be stored; lower it, or raise max_size"
            ) == true
        )
        #expect(try await Checked.check(Self.cache("{type: local, max_size: 1MB}"), "--strict").status == 0)
    }

    @Test("The same sizes are accepted for the gateway's keys and the cache's", arguments: ["1TB", "1TiB", "1t"])
    func units(size: String) async throws {
        let checked = try await Checked.check(Self.cache("{type: local, max_size: \(size), max_entry_size: \(size)}"))
        #expect(checked.messages == [])
    }

    @Test("is found in the file that is named with --config, or without; two files are too many")
    func fileNames() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.file(""), to: "config.yaml").path
        let plugins = ["--plugin-dir", Repository.plugins.path]
        for arguments in [[file], ["--config", file], [file, "--config", file], ["--strict", file]] {
            let result = try await Command.run(Repository.gateway, ["check"] + plugins + arguments)
            #expect(result.status == 0, "\(result.standardError)")
            #expect(result.standardOutput.hasSuffix("\(file): ok\n"))
        }
        let two = try await Command.run(Repository.gateway, ["check", file, "--config", "other.yaml"])
        #expect(two.status == 64)
        #expect(two.standardError.contains("other.yaml"))
        let none = try await Command.run(Repository.gateway, ["check"])
        #expect(none.status == 64)
    }
}
