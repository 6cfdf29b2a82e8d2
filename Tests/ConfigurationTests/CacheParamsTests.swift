import CallTypes
import Configuration
import Testing

@Suite("cache_params")
struct CacheParamsTests {
    private func cache(_ params: String, _ environment: [String: String] = [:]) throws -> Outcome {
        let indented = params.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try load("model_list: []\nlitellm_settings:\n  cache: True\n  cache_params:\n\(indented)", environment)
    }

    @Test(
        "choose the backend, and say why",
        arguments: [
            ("type: s3", [:], "s3", "cache_params.type says so at "),
            ("type: redis-semantic", ["REDIS_URL": "x"], "redis-semantic", "cache_params.type says so at "),
            (
                "ttl: 1", ["REDIS_URL": "redis://h"], "redis",
                "cache_params.type is not set, but the environment variable REDIS_URL is"
            ),
            (
                "", ["REDIS_HOST": "h"], "redis",
                "cache_params.type is not set, but the environment variable REDIS_HOST is"
            ),
            (
                "", ["REDIS_CLUSTER_NODES": "[]"], "redis",
                "cache_params.type is not set, but the environment variable REDIS_CLUSTER_NODES is"
            ),
            ("", ["REDIS_HOST": ""], "local", "cache_params.type is not set, and nothing names a Redis server"),
            ("host: h", [:], "redis", "cache_params.type is not set, but the Redis parameter 'host' is"),
            ("host:", [:], "local", "cache_params.type is not set, and nothing names a Redis server"),
            ("type:\nttl: 1", [:], "local", "cache_params.type is not set, and nothing names a Redis server"),
        ] as [(String, [String: String], String, String)]
    )
    func backend(params: String, environment: [String: String], type: String, reason: String) throws {
        let outcome = try cache(params, environment)
        #expect(outcome.messages == [])
        #expect(outcome.settings.cache?.type == type)
        #expect(outcome.settings.cache?.typeReason.hasPrefix(reason) == true)
    }

    @Test("take ttl and namespace of a Redis from the environment where the file says nothing")
    func redisDefaults() throws {
        let environment = ["REDIS_TTL": "90", "REDIS_NAMESPACE": "team-a"]
        let taken = try cache("type: redis", environment)
        #expect(taken.messages == [])
        #expect(taken.settings.cache?.ttl == 90)
        #expect(taken.settings.cache?.namespace == "team-a")
        let given = try cache("type: redis\nttl: 5\nnamespace: b", environment)
        #expect(given.settings.cache?.ttl == 5)
        #expect(given.settings.cache?.namespace == "b")
        let other = try cache("type: local", environment)
        #expect(other.settings.cache?.ttl == nil)
        #expect(other.settings.cache?.namespace == nil)
        let wrong = try cache("type: redis", ["REDIS_TTL": "soon"])
        #expect(wrong.messages.count == 1)
        #expect(
            wrong.messages.first?.hasPrefix("environment variable REDIS_TTL: 'ttl' in cache_params must be") == true
        )
    }

    @Test("are off unless cache is true")
    func off() throws {
        #expect(try load("model_list: []\nlitellm_settings: {cache: no, cache_params: {type: X}}").messages == [])
        #expect(try load("model_list: []\nlitellm_settings: {cache: no}").settings.cache == nil)
        #expect(try load("model_list: []\nlitellm_settings:").settings.cache == nil)
        let absent = try load("model_list: []\nlitellm_settings:\n  cache_params: {ttl: 1}\n")
        #expect(absent.settings.cache == nil)
        #expect(
            absent.messages
                == ["config.yaml:3:3: warning: 'cache_params' has no effect without 'cache: true' in litellm_settings"]
        )
        #expect(
            try load("model_list: []\nlitellm_settings: {cache: os.environ/ON}", ["ON": "True"]).settings.cache != nil
        )
    }

    @Test("take times and sizes as numbers, as numeric strings and with units")
    func quantities() throws {
        let outcome = try cache("ttl: '600'\nlookup_timeout: 50ms\nmax_entry_size: 4MB")
        #expect(outcome.messages == [])
        #expect(outcome.settings.cache?.ttl == 600)
        #expect(outcome.settings.cache?.lookupTimeout == 0.05)
        #expect(outcome.settings.cache?.maxEntrySize == 4 << 20)
        #expect(try cache("max_entry_size: 1TB").settings.cache?.maxEntrySize == 1 << 40)
        #expect(try cache("max_entry_size: 65536").settings.cache?.maxEntrySize == 65536)
    }

    @Test("override ttl by backend")
    func timeToLive() throws {
        let params = "ttl: 1\ndefault_in_memory_ttl: 2\ndefault_in_redis_ttl: 3\n"
        #expect(try cache(params + "type: local").settings.cache?.ttl == 2)
        #expect(try cache(params + "type: redis").settings.cache?.ttl == 3)
        #expect(try cache(params + "type: s3").settings.cache?.ttl == 1)
    }

    @Test("know the call types of LiteLLM; an empty list caches nothing")
    func callTypes() throws {
        #expect(try cache("ttl: 1").settings.cache?.supportedCallTypes == Calls.table.cachedByDefault)
        #expect(try cache("supported_call_types: []").settings.cache?.supportedCallTypes == CallTypeSet())
        let some = try cache("supported_call_types: [aembedding, embedding, atranscription, aresponses]")
        #expect(some.messages == [])
        let transcriptions = try #require(Calls.table.type(configuredAs: "transcription"))
        #expect(
            some.settings.cache?.supportedCallTypes
                == CallTypeSet([Calls.embeddings, Calls.responses, transcriptions])
        )
        // Images and audio are not cached unless they are listed.
        #expect(try cache("ttl: 1").settings.cache?.supportedCallTypes.contains(transcriptions) == false)
    }

    @Test("may allow answers that continue others, and those of tools that providers run, into the cache")
    func allowances() throws {
        let usual = try #require(try cache("ttl: 1").settings.cache)
        #expect(!usual.cachesStateful && usual.cachedTools == [])
        let some = try #require(try cache("cache_stateful: true\ncache_tools: [web_search, mcp]").settings.cache)
        #expect(some.cachesStateful && some.cachedTools == ["web_search", "mcp"])
        let wrong = try cache("cache_tools: web_search").messages
        #expect(
            wrong == [
                "config.yaml:5:18: 'cache_tools' in cache_params must be a list such as [web_search], not a string"
            ]
        )
    }

    @Test("keep what a plugin's scalar looked like, and its references resolved")
    func parameters() throws {
        let outcome = try cache(
            "password: 0123\nssl: os.environ/SSL\nnodes: [[os.environ/HOST, 1]]",
            ["SSL": "False", "HOST": "h"]
        )
        let parameters = try #require(outcome.settings.cache?.parameters)
        #expect(parameters.map(\.text) == ["0123", "False", nil])
        #expect(parameters.map(\.value) == [.int(83), .bool(false), .list([.list([.string("h"), .int(1)])])])
    }

    @Test(
        "are refused, with the place and the mend",
        arguments: [
            (
                "type: Redis",
                "5:11: 'type' in cache_params must be a name of at most 32 lower-case letters, digits, '-' and '_', beginning with a letter"
            ),
            (
                "type: ../x",
                "5:11: 'type' in cache_params must be a name of at most 32 lower-case letters, digits, '-' and '_', beginning with a letter"
            ),
            (
                "mode: default_of",
                "5:11: 'mode' in cache_params must be 'default_on' or 'default_off'; did you mean 'default_off'?"
            ),
            (
                "ttl: 0",
                "5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not this number"
            ),
            (
                "ttl: -1",
                "5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not this number"
            ),
            (
                "ttl: .inf",
                "5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not this number"
            ),
            (
                "ttl: [1]",
                "5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not a list"
            ),
            (
                "ttl: soon",
                "5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not a string"
            ),
            (
                "max_entry_size: 4XB",
                "5:21: 'max_entry_size' in cache_params must be a number of bytes above 0, or a size such as 4MB, not a string"
            ),
            (
                "namespace: a b",
                "5:16: 'namespace' in cache_params must be at most 128 letters, digits and '.', '_', ':', '/', '-'"
            ),
            (
                "namespace: é",
                "5:16: 'namespace' in cache_params must be at most 128 letters, digits and '.', '_', ':', '/', '-'"
            ),
            (
                "supported_call_types: [acompletoin]",
                "5:28: unknown call type 'acompletoin'; did you mean 'acompletion'? Valid: acompletion, aembedding, aimage_edit, aimage_generation, aimage_variation, amoderation, arerank, aresponse_input_tokens, aresponses, aspeech, atext_completion, atranscription, atranslation, completion, embedding, image_edit, image_generation, image_variation, moderation, rerank, response_input_tokens, responses, speech, text_completion, transcription, translation"
            ),
            (
                "supported_call_types: [chat]",
                "5:28: unknown call type 'chat'; valid: acompletion, aembedding, aimage_edit, aimage_generation, aimage_variation, amoderation, arerank, aresponse_input_tokens, aresponses, aspeech, atext_completion, atranscription, atranslation, completion, embedding, image_edit, image_generation, image_variation, moderation, rerank, response_input_tokens, responses, speech, text_completion, transcription, translation"
            ),
            (
                "supported_call_types: embedding",
                "5:27: 'supported_call_types' in cache_params must be a list such as [acompletion, aembedding], not a string"
            ),
        ]
    )
    func refused(params: String, message: String) throws {
        #expect(try cache(params).messages == ["config.yaml:" + message])
    }

    @Test("that refer to an unset variable are an error only if the plugin uses them, and still name their backend")
    func unset() throws {
        let outcome = try cache("host: os.environ/NOWHERE")
        #expect(outcome.messages == [])
        #expect(outcome.settings.cache?.type == "redis")
        let parameter = try #require(outcome.settings.cache?.parameters.first)
        #expect(parameter.value == .null)
        let remark = try #require(parameter.remarks.first)
        #expect(parameter.remarks.count == 1 && remark.isError)
        #expect(remark.position.line == 5 && remark.position.column == 11)
        #expect(remark.message == "the environment variable 'NOWHERE' is not set; set it, or put it into .env")
    }

    @Test(
        "of other cache types, and those that only LiteLLM knows, are distinguished from unknown ones",
        arguments: [
            ("host", "s3", "belongs to cache type 'redis' and has no effect with type 's3'; remove it"),
            ("s3_api_version", "local", "belongs to cache type 's3' and has no effect with type 'local'; remove it"),
            (
                "similarity_threshold", "redis",
                "belongs to cache type 'redis-semantic' or 'qdrant-semantic' and has no effect with type 'redis'; remove it"
            ),
            (
                "qdrant_api_key", "s3",
                "belongs to cache type 'qdrant-semantic' and has no effect with type 's3'; remove it"
            ),
            ("disk_cache_dir", "local", "belongs to cache type 'disk' and has no effect with type 'local'; remove it"),
            ("gcs_path", "s3", "belongs to cache type 'gcs' and has no effect with type 's3'; remove it"),
            (
                "azure_account_url", "s3",
                "belongs to cache type 'azure-blob' and has no effect with type 's3'; remove it"
            ),
            (
                "default_redis_ttl", "redis",
                "is accepted from LiteLLM, but has no effect here; set 'ttl' or 'default_in_redis_ttl'"
            ),
            (
                "redis_flush_size", "local",
                "belongs to cache type 'redis' and has no effect with type 'local'; remove it"
            ),
            ("host", "redis", nil), ("host_name", "s3", nil), ("max_items", "local", nil),
        ] as [(String, String, String?)]
    )
    func known(name: String, type: String, message: String?) {
        let remark = ConfigurationReference.remark(onCacheParameter: name, of: type)
        #expect(remark == message.map { "'\(name)' in cache_params \($0)" })
    }

    @Test("never show what a variable holds")
    func variables() throws {
        let environment = ["SECRET": "hunter2"]
        for key in ["ttl", "type", "mode", "namespace", "max_entry_size", "supported_call_types"] {
            let value = key == "supported_call_types" ? "[os.environ/SECRET]" : "os.environ/SECRET"
            let messages = try cache("\(key): \(value)", environment).messages
            #expect(!messages.contains { $0.contains("hunter2") })
        }
        #expect(
            try cache("ttl: os.environ/SECRET", environment).messages == [
                "config.yaml:5:10: 'ttl' in cache_params must be a number of seconds above 0, or a time such as 50ms, not what the environment variable 'SECRET' holds"
            ]
        )
    }

    private static let hexadecimal = String(repeating: "0f", count: 32)
    private static let base64 = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    @Test("Entry keys are 32 bytes in base64 or hexadecimal, from the file or the environment, and never printed")
    func entryKeys() throws {
        let loaded = try cache(
            "entry_keys: [os.environ/FIRST, \"\(Self.hexadecimal)\"]",
            ["FIRST": Self.base64]
        )
        #expect(loaded.messages.isEmpty, "\(loaded.messages)")
        let settings = try #require(loaded.settings.cache)
        #expect(settings.entryKeys.map(\.bytes) == [Array(1...32), [UInt8](repeating: 15, count: 32)])
        #expect(!"\(settings)".contains(Self.hexadecimal) && !"\(settings.entryKeys)".contains("15"))
        #expect(try cache("entry_keys:").settings.cache?.entryKeys == [])
    }

    @Test(
        "An invalid entry key is an error that says how to make one, and does not show it",
        arguments: [
            ("[]", "at least one key"), ("\(base64)", "must be a list"), ("{a: b}", "must be a list"),
            ("[secret]", "key 1 of 'entry_keys'"), ("[\(base64), \(base64.dropLast())]", "key 2 of 'entry_keys'"),
            ("[\(hexadecimal.dropLast())]", "key 1"), ("[\"\(hexadecimal.dropLast())g\"]", "key 1"),
            ("[null]", "key 1"),
            ("[[\(base64)]]", "key 1"), ("[\(base64.replacing("yA=", with: "yB="))]", "key 1"),
            ("[os.environ/NOT_SET]", "NOT_SET"),
        ]
    )
    func wrongEntryKeys(value: String, says: String) throws {
        let messages = try cache("entry_keys: \(value)").messages
        #expect(messages.count == 1, "\(messages)")
        let message = messages.first ?? ""
        #expect(message.contains(says), "\(message)")
        if !says.contains("NOT_SET") { #expect(message.contains("openssl rand -base64 32")) }
        #expect(!message.contains("secret") && !message.contains("AQID") && !message.contains("0f0f"))
    }
}
