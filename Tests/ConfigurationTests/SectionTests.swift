import Configuration
import Testing

@Suite("The sections")
struct SectionTests {
    @Test("report everything wrong with a file in one run, in its order")
    func everything() throws {
        let outcome = try load(
            """
            model_list:
            - model_name: a
              litellm_params: {modle: openai/a, region_name: 1, temprature: 2}
            - litellm_params: {model: ''}
            - model_name: [b]
            - model_name: c
              litellm_params:
                model: c
                timeout: never
                max_retries: -1
                temperature: 1
                api_key: [sk-secret]
                headers: {"a b": c, d: "e\\nf", g: [h]}
                extra_headers: none
            - text
            litellm_settings: {cache: maybe, num_retries: 1.5, set_verbos: true}
            general_settings: [master_key]
            router_settings:
            guardrail: []
            """
        )
        #expect(
            outcome.messages == [
                "config.yaml:3:19: these litellm_params have no 'model'",
                "config.yaml:3:20: warning: unknown key 'modle' in litellm_params; did you mean 'model'?",
                "config.yaml:3:37: warning: 'region_name' in litellm_params is accepted, but has no effect here",
                "config.yaml:3:53: warning: unknown key 'temprature' in litellm_params; did you mean 'temperature'?",
                "config.yaml:4:3: this entry of model_list has no 'model_name'",
                "config.yaml:4:27: 'model' in litellm_params must not be empty",
                "config.yaml:5:3: this entry of model_list has no 'litellm_params'",
                "config.yaml:5:15: 'model_name' in model_list must be a string, not a list",
                "config.yaml:9:14: 'timeout' in litellm_params must be a number of seconds above 0, or a time such as 50ms, not a string",
                "config.yaml:10:18: 'max_retries' in litellm_params must be a whole number from 0 to 100, not this number",
                "config.yaml:12:14: 'api_key' in litellm_params must be a string, not a list",
                "config.yaml:13:15: 'a b' cannot be the name of a request header",
                "config.yaml:13:28: 'd' in litellm_params must not contain control characters, such as a line break at its end",
                "config.yaml:13:39: 'g' in litellm_params must be a string, not a list",
                "config.yaml:14:20: 'extra_headers' in litellm_params must be a mapping of names to values, not a string",
                "config.yaml:15:3: an entry of model_list must be a mapping with model_name and litellm_params, not a string",
                "config.yaml:16:27: 'cache' in litellm_settings must be true or false, not a string",
                "config.yaml:16:47: 'num_retries' in litellm_settings must be a whole number from 0 to 100, not this number",
                "config.yaml:16:52: warning: unknown key 'set_verbos' in litellm_settings; did you mean 'set_verbose'?",
                "config.yaml:17:19: 'general_settings' must be a mapping of keys to values, not a list",
                "config.yaml:19:1: warning: unknown key 'guardrail' at the top level; did you mean 'guardrails'?",
            ]
        )
        #expect(outcome.settings.models.map(\.name) == ["c"])
        #expect(outcome.loaded.hasErrors)
    }

    @Test(
        "may be empty, or missing",
        arguments: ["litellm_settings:", "general_settings: ~", "router_settings: {}", "environment_variables:"]
    )
    func empty(section: String) throws {
        #expect(try load("model_list: []\n\(section)\n").messages == [])
        #expect(
            try load(section + "\n").messages == [
                "config.yaml: warning: there is no model_list: no request can be answered"
            ]
        )
    }

    @Test("take base_url for api_base, rpm for weight, and router_settings where litellm_settings say nothing")
    func fallbacks() throws {
        let outcome = try load(
            """
            model_list:
            - {model_name: a, litellm_params: {model: a, base_url: "http://b", rpm: 5}}
            - {model_name: a, litellm_params: {model: a, base_url: "http://b", api_base: "http://c", rpm: 5, weight: 0}}
            router_settings: {timeout: 5, num_retries: 2}
            """
        )
        #expect(outcome.messages == [])
        #expect(outcome.settings.models.map(\.apiBase) == ["http://b", "http://c"])
        #expect(outcome.settings.models.map(\.weight) == [5, 0])
        #expect(outcome.settings.requestTimeout == 5)
        #expect(outcome.settings.retries == 2)
    }

    @Test("keep control characters and endless names out of messages")
    func quoting() throws {
        let outcome = try load("model_list: []\n\"\\e[31m\\n\(String(repeating: "x", count: 500))\": 1\n")
        let message = try #require(outcome.messages.first)
        #expect(message.hasPrefix("config.yaml:2:1: warning: unknown key '\\u{1b}[31m\\u{a}xxx"))
        #expect(message.count < 200)
        #expect(!message.contains("\n"))
    }

    @Test("do not look at what a key without effect refers to")
    func inert() throws {
        let outcome = try load("model_list: []\ngeneral_settings: {database_url: os.environ/NOWHERE}\n")
        #expect(
            outcome.messages
                == ["config.yaml:2:20: warning: 'database_url' in general_settings is accepted, but has no effect here"]
        )
    }

    @Test("are all in the generated reference")
    func reference() {
        let markdown = ConfigurationReference.markdown()
        for key in ["model_name", "mock_response", "cache_params", "master_key", "lookup_timeout", "num_retries"] {
            #expect(markdown.contains("| `\(key)` |"))
        }
        #expect(markdown.contains("`routing_strategy`"))
        #expect(!markdown.contains("|  |"))
    }
}
