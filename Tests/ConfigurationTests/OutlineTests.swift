import Testing

@testable import Configuration

@Suite("The outline of a configuration")
struct OutlineTests {
    /// The outline as text: what is hidden in angle brackets.
    private func outline(_ text: String, _ environment: [String: String] = [:]) throws -> [String] {
        try load(text, environment).loaded.outline.entries.map { entry in
            switch entry.value {
            case .shown(let text): "\(entry.path): \(text)"
            case .hidden(let secret, let shown): "\(entry.path): <\(shown)> \(secret.value)"
            }
        }
    }

    @Test("has every value with its place, and names the items of a list by their names")
    func places() throws {
        let lines = try outline(
            """
            model_list:
              - model_name: a
                litellm_params: {model: openai/x, rpm: 5}
              - model_name: a
                litellm_params: {model: openai/y, tags: []}
            litellm_settings:
              cache: true
              cache_params: {type: local, supported_call_types: [completion, embedding]}
            """
        )
        #expect(
            lines == [
                "model_list[a].model_name: a", "model_list[a].litellm_params.model: openai/x",
                "model_list[a].litellm_params.rpm: 5", "model_list[a#2].model_name: a",
                "model_list[a#2].litellm_params.model: openai/y", "model_list[a#2].litellm_params.tags: []",
                "litellm_settings.cache: true", "litellm_settings.cache_params.type: local",
                "litellm_settings.cache_params.supported_call_types[0]: completion",
                "litellm_settings.cache_params.supported_call_types[1]: embedding",
            ]
        )
    }

    @Test(
        "shows nothing that is secret, may be, or comes from the environment",
        arguments: [
            ("general_settings: {master_key: k1}", "general_settings.master_key: <not shown> k1"),
            ("environment_variables: {NAME: v}", "environment_variables.NAME: <not shown> v"),
            ("a: {redis_password: p, max_tokens: 5}", "a.redis_password: <not shown> p"),
            ("a: {headers: {X-Any: v}}", "a.headers.X-Any: <not shown> v"),
            ("a: {entry_keys: [k1]}", "a.entry_keys[0]: <not shown> k1"),
            ("a: {url: 'redis://u:p@h'}", "a.url: <not shown> redis://u:p@h"),
            ("a: {anything: sk-123}", "a.anything: <not shown> sk-123"),
            ("a: {api_base: os.environ/BASE}", "a.api_base: <os.environ/BASE> http://b"),
            ("a: {text: Bearer os.environ/BASE}", "a.text: <not shown> Bearer os.environ/BASE"),
            ("a: {keys: [{name: n, rpm: 5}]}", "a.keys[n].name: n"),
            ("a: {max_tokens: 5}", "a.max_tokens: 5"),
        ]
    )
    func hidden(text: String, line: String) throws {
        #expect(try outline(text, ["BASE": "http://b"]).first == line)
    }

    @Test("names the files that were read, and the .env that would have been")
    func files() throws {
        let files = try load("model_list: []").loaded.files
        #expect(files.count == 2 && files[0].hasSuffix("config.yaml") && files[1].hasSuffix(".env"))
    }
}
