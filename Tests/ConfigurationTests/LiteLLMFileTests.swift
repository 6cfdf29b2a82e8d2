import CallTypes
import Configuration
import Foundation
import Testing

@Suite("A real LiteLLM file")
struct LiteLLMFileTests {
    private func load() throws -> Outcome {
        try ConfigurationTests.load(
            String(contentsOfFile: golden("litellm.yaml"), encoding: .utf8),
            dotEnv: "REDIS_PASSWORD='s3cret'\nAZURE_API_BASE=https://eu.example\n",
            ["AZURE_API_KEY": "az-key", "OPENAI_API_KEY": "oa-key"]
        )
    }

    @Test("gives warnings only, each key once")
    func warnings() throws {
        let expected = try String(contentsOfFile: golden("litellm.expected"), encoding: .utf8)
        let messages = try load().messages
        #expect(messages == expected.split(separator: "\n").map(String.init))
    }

    @Test("gives its models")
    func models() throws {
        let models = try load().settings.models
        try #require(models.count == 3)
        #expect(models.map(\.name) == ["gpt-4o", "gpt-4o", "text-embedding-ada-002"])
        #expect(models[0].model == "azure/gpt-4o-eu")
        #expect(models[0].apiBase == "https://eu.example")
        #expect(models[0].apiKey == Secret("az-key"))
        #expect(models[0].apiVersion == "2024-06-01")
        #expect(models[0].weight == 6)
        #expect(models[0].position.line == 2 && models[0].position.column == 5)
        #expect(models[1].organization == "org-1")
        #expect(models[1].timeout == 300)
        #expect(models[1].streamTimeout == 60)
        #expect(models[1].maxRetries == 2)
        #expect(models[1].weight == 3)
        #expect(models[1].extraHeaders == [.init(name: "X-Trace", value: "1"), .init(name: "x-team", value: "b")])
        #expect(models[2].model == "text-embedding-ada-002")
        #expect(models[2].apiKey == Secret("oa-key"))
        #expect(models[2].mockResponse == .list([.float(0.1), .float(0.2)]))
    }

    @Test("gives its cache, and what the plugin gets")
    func cache() throws {
        let outcome = try load()
        let cache = try #require(outcome.settings.cache)
        #expect(cache.type == "redis")
        #expect(cache.typeReason.hasPrefix("cache_params.type says so at "))
        #expect(cache.isOptIn)
        #expect(cache.namespace == "litellm.caching")
        #expect(cache.ttl == 600)
        #expect(cache.supportedCallTypes == CallTypeSet([Calls.chat, Calls.completions, Calls.rerank]))
        #expect(cache.maxEntrySize == 8 << 20)
        #expect(cache.lookupTimeout == 0.25)
        #expect(cache.parameters.map(\.name) == ["host", "port", "password"])
        #expect(cache.parameters.map(\.value) == [.string("localhost"), .int(6379), .string("s3cret")])
        #expect(cache.parameters[1].keyPosition.line == 46 && cache.parameters[1].keyPosition.column == 5)
        #expect(cache.parameters[1].valuePosition.column == 11)
    }

    @Test("gives its general settings")
    func general() throws {
        let outcome = try load()
        #expect(outcome.settings.masterKey == Secret("sk-1234"))
        #expect(outcome.settings.isVerbose)
        #expect(outcome.settings.requestTimeout == 600)
        #expect(outcome.settings.retries == 3)
        #expect(outcome.loaded.environment["LITELLM_KEY"] == "sk-1234")
        #expect(outcome.loaded.environment["REDIS_PASSWORD"] == "s3cret")
    }

    @Test("never shows a secret, however it is printed")
    func secrets() throws {
        let outcome = try load()
        var dumped = ""
        dump(outcome.settings.models.map(\.apiKey), to: &dumped)
        dump(outcome.settings.masterKey, to: &dumped)
        let printed = "\(outcome.settings) \(outcome.messages)"
        for secret in ["az-key", "oa-key", "sk-1234", "s3cret"] {
            #expect(!printed.contains(secret))
            #expect(!dumped.contains(secret))
        }
        #expect(Secret("x").description == "<redacted>")
    }
}
