import Configuration
import Testing

@Suite("A key")
struct MisplacedKeyTests {
    @Test(
        "in the wrong section is a warning that names the right one",
        arguments: [
            (
                "cache_params: {type: local}",
                "2:1: warning: 'cache_params' has no effect at the top level; it belongs in litellm_settings"
            ),
            (
                "litellm_settings: {master_key: x}",
                "2:20: warning: 'master_key' has no effect in litellm_settings; it belongs in general_settings"
            ),
            (
                "general_settings: {model_list: []}",
                "2:20: warning: 'model_list' has no effect in general_settings; it belongs at the top level"
            ),
            (
                "router_settings: {ttl: 1}",
                "2:19: warning: 'ttl' has no effect in router_settings; it belongs in cache_params"
            ),
            (
                "litellm_settings: {api_version: x}",
                "2:20: warning: 'api_version' has no effect in litellm_settings; it belongs in litellm_params"
            ),
            (
                "litellm_settings: {timeout: 1}",
                "2:20: warning: 'timeout' has no effect in litellm_settings; it belongs in litellm_params or in router_settings"
            ),
            (
                "litellm_settings: {routing_strategy: x}",
                "2:20: warning: 'routing_strategy' has no effect in litellm_settings; it belongs in router_settings"
            ),
        ]
    )
    func misplaced(line: String, message: String) throws {
        #expect(try load("model_list: []\n\(line)\n").messages == ["config.yaml:" + message])
    }

    @Test("that nobody knows is a warning with its place and the nearest name, outside cache_params")
    func unknown() throws {
        let outcome = try load("model_list: []\nlitellm_settings: {num_retry: 2, zebra: 1}\n")
        #expect(
            outcome.messages == [
                "config.yaml:2:20: warning: unknown key 'num_retry' in litellm_settings; did you mean 'num_retries'?",
                "config.yaml:2:34: warning: unknown key 'zebra' in litellm_settings; 'gateway reference' lists what there is",
            ]
        )
        #expect(!outcome.loaded.hasErrors)
    }

    @Test("that was meant to be model_list leaves no models, which is an error")
    func modelList() throws {
        #expect(
            try load("modle_list: []\n").messages == [
                "config.yaml: there is no model_list: no request can be answered",
                "config.yaml:1:1: warning: unknown key 'modle_list' at the top level; did you mean 'model_list'?",
            ]
        )
    }
}

@Suite("A reference to the environment")
struct EnvironmentReferenceTests {
    private func remarks(on value: String) throws -> [String] {
        let outcome = try load("model_list: []\ngeneral_settings:\n  master_key: \(value)\n", ["X": "secret"])
        #expect(!outcome.messages.contains { $0.contains("secret") })
        return outcome.messages
    }

    @Test(
        "that is spelled otherwise is a warning with the right spelling",
        arguments: [
            "os.environ.X", "${X}", "'${X:-other}'", "os.environ['X']", "'os.environ[\"X\"]'", "os.environ[X]",
            "os.getenv('X')",
        ]
    )
    func misspelt(value: String) throws {
        #expect(
            try remarks(on: value) == [
                "config.yaml:3:15: warning: this is taken as text, not from the environment; write os.environ/X"
            ]
        )
    }

    @Test("that is only a part of the value is a warning")
    func partial() throws {
        #expect(
            try remarks(on: "Bearer os.environ/X") == [
                "config.yaml:3:15: warning: os.environ/NAME is replaced only where it is the whole value; here it is taken as text"
            ]
        )
    }

    @Test("is not seen where there is none", arguments: ["$X", "a${X}b", "os.environ", "'{X}'", "environ.X", "${-}"])
    func others(value: String) throws {
        #expect(try remarks(on: value) == [])
    }

    @Test("is not taken from what a variable holds")
    func values() throws {
        let file = "model_list: []\ngeneral_settings: {master_key: os.environ/X}\n"
        #expect(try load(file, ["X": "${Y}"]).messages == [])
    }
}

@Suite("An api_base")
struct AddressTests {
    @Test(
        "that ends in what the gateway adds is a warning",
        arguments: [
            ("api_base", "http://h/v1/chat/completions", "/chat/completions"),
            ("base_url", "http://h/v1/embeddings/", "/embeddings"),
            ("api_base", "http://h/v1/completions?api-version=1", "/completions"),
        ]
    )
    func ending(key: String, address: String, ending: String) throws {
        let file = "model_list:\n- model_name: a\n  litellm_params:\n    model: a\n    \(key): \(address)\n"
        #expect(
            try load(file).messages == [
                "config.yaml:5:15: warning: '\(key)' in litellm_params ends in \(ending), which the gateway adds by itself; leave it out"
            ]
        )
    }

    @Test("keeps its place, and so do the other members")
    func places() throws {
        let file = "model_list:\n- model_name: a\n  litellm_params:\n    model: a\n    base_url: h\n"
        let model = try #require(try load(file).settings.models.first)
        #expect(model.position(of: "api_base").line == 5 && model.position(of: "api_base").column == 15)
        #expect(model.position(of: "model").line == 4 && model.position(of: "model").column == 12)
        #expect(model.position(of: "model_name").line == 2 && model.position(of: "model_name").column == 15)
        #expect(model.position(of: "api_key") == model.position)
    }
}
