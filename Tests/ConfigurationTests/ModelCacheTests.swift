import Configuration
import Testing

@Suite("`cache` of a model, and caching_groups")
struct ModelCacheTests {
    @Test("are read with all that they say")
    func read() throws {
        let outcome = try load(
            """
            model_list:
              - model_name: a
                litellm_params: {model: openai/a, api_key: k}
                cache:
                  mode: default_off
                  ttl: 2h
                  only_if: {max_temperature: 0.5, no_tools: true, max_messages: 4, max_bytes: 64 KB}
                  ignore_members: [user, safety_identifier]
              - {model_name: b, litellm_params: {model: openai/b, api_key: k}}
            router_settings:
              caching_groups: [[a, b]]
            """
        )
        #expect(outcome.errors == [])
        var expected = ModelCacheSettings()
        expected.mode = .defaultOff
        expected.ttl = 7_200
        expected.conditions.maxTemperature = 0.5
        expected.conditions.noTools = true
        expected.conditions.maxMessages = 4
        expected.conditions.maxBytes = 64 << 10
        expected.ignoredMembers = ["user", "safety_identifier"]
        #expect(outcome.settings.models.map(\.cache) == [expected, nil])
        #expect(outcome.settings.routing.cachingGroups.map { $0.map(\.model) } == [["a", "b"]])
    }

    @Test("have one message for each mistake, with its place")
    func mistakes() throws {
        let outcome = try load(
            """
            model_list:
              - model_name: a
                litellm_params: {model: openai/a, api_key: k}
                cache:
                  mode: on
                  ttl: never
                  onlyif: {}
                  only_if: {max_temperature: hot, no_tols: true, max_messages: 0}
                  ignore_members: [user, messages]
              - {model_name: b, litellm_params: {model: openai/b, api_key: k}, cache: {ignore_members: user}}
            router_settings:
              caching_groups: [a, [a, b], [b]]
            """
        )
        #expect(outcome.errors.count == 10, "\(outcome.errors)")
        for part in [
            "config.yaml:5:13: 'mode' in cache must be", "config.yaml:6:12: 'ttl' in cache must be",
            "config.yaml:7:7: unknown key 'onlyif' in cache; did you mean 'only_if'?",
            "config.yaml:8:34: 'max_temperature' in only_if must be a number from 0 to 100, not a string",
            "config.yaml:8:39: unknown key 'no_tols' in only_if; did you mean 'no_tools'?",
            "'max_messages' in only_if must be a whole number from 1",
            "config.yaml:9:30: 'messages' in ignore_members is what a request asks",
            "'ignore_members' in cache must be a list of names, not a string",
            "an entry of 'caching_groups' in router_settings must be a list of models, not a string",
            "the model 'b' is in another of the 'caching_groups' already",
        ] {
            #expect(outcome.errors.contains { $0.contains(part) }, "\(part)\n\(outcome.errors)")
        }
    }
}
