import Configuration
import Testing

@Suite("pass_through_endpoints")
struct PassThroughSettingsTests {
    @Test("are read with LiteLLM's keys, and a reference within a header's text is replaced")
    func read() throws {
        let outcome = try load(
            """
            general_settings:
              pass_through_endpoints:
                - path: /bria/
                  target: https://engine.example/v1
                  headers:
                    Authorization: "bearer os.environ/KEY, os.environ/OTHER"
                    accept: application/json
                  forward_headers: True
                  include_subpath: True
                  methods: [GET, POST]
                  auth: false
                  cost_per_request: 0.1
                - {path: /other, target: "http://h"}
            """,
            ["KEY": "a", "OTHER": "b"]
        )
        #expect(
            outcome.messages == [
                "config.yaml:12:7: warning: 'cost_per_request' in pass_through_endpoints is accepted, but has no effect here"
            ]
        )
        let endpoints = outcome.settings.routing.passThroughEndpoints
        let first = try #require(endpoints.first)
        #expect(first.path == "/bria" && first.target == "https://engine.example/v1")
        #expect(first.headers.map(\.value) == ["bearer a, b", "application/json"])
        #expect(first.forwardsHeaders && first.includesSubpaths && !first.requiresKey)
        #expect(first.methods == ["GET", "POST"])
        let second = try #require(endpoints.last)
        #expect(!second.forwardsHeaders && !second.includesSubpaths && second.requiresKey)
        #expect(second.methods == PassThroughSettings.allMethods && second.headers.isEmpty)
    }

    @Test("have one message for each mistake, with its place")
    func mistakes() throws {
        let outcome = try load(
            """
            general_settings:
              pass_through_endpoints:
                - {path: search, target: "http://h"}
                - {path: "/a?b", target: "http://h"}
                - {path: /a//b, target: "http://h"}
                - {path: /, target: "http://h"}
                - {target: "http://h"}
                - {path: /a}
                - {path: /b, target: "http://h", methods: [FETCH], headers: {x: "Bearer os.environ/UNSET"}}
                - {path: /b/, target: "http://h"}
                - text
            """
        )
        let path =
            "'path' in pass_through_endpoints must be a path such as '/search', without a query, a '%' or an empty segment"
        #expect(
            outcome.messages == [
                "config.yaml:3:14: \(path)", "config.yaml:4:14: \(path)", "config.yaml:5:14: \(path)",
                "config.yaml:6:14: \(path)",
                "config.yaml:7:7: this entry of pass_through_endpoints has no 'path'",
                "config.yaml:8:7: this entry of pass_through_endpoints has no 'target'",
                "config.yaml:9:48: 'methods' in pass_through_endpoints must be 'GET' or 'HEAD' or 'POST' or 'PUT' or 'PATCH' or 'DELETE'",
                "config.yaml:9:69: the environment variable 'UNSET' is not set; set it, or put it into .env",
                "config.yaml:10:14: the path '/b' has been given on line 9 already",
                "config.yaml:11:7: an entry of 'pass_through_endpoints' in general_settings must be a mapping, not a string",
            ]
        )
    }
}
