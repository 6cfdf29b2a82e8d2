import Foundation
import Testing

/// LiteLLM's `pass_through_endpoints`.
@Suite("A path that leads to another server", .timeLimit(.minutes(2)))
struct PassThroughEndpointTests {
    private static let configuration = """
        model_list:
          - model_name: gpt-4
            litellm_params: {model: openai/gpt-4, api_key: sk-upstream, api_base: UPSTREAM/v1}
        general_settings:
          master_key: sk-master
          pass_through_endpoints:
            - path: /search
              target: UPSTREAM/find?v=2
              headers: {Authorization: "Bearer os.environ/SEARCH_KEY", X-Team: a}
            - path: /v1/rerank
              target: UPSTREAM/theirs
            - path: /open
              target: UPSTREAM/base/
              include_subpath: true
              forward_headers: true
              auth: false
              methods: [GET]
            - path: /health
              target: UPSTREAM/never

        """
    private static let key = ["Authorization": "Bearer sk-master"]

    /// Runs `body` with a gateway in front of a server that answers with what it was asked.
    private func withEcho(_ body: (GatewayProcess, RecordingUpstream) async throws -> Void) async throws {
        try await withGateway(Self.configuration, environment: ["SEARCH_KEY": "sk-search"]) {
            gateway,
            upstream async throws in
            upstream.answer { request, _ in
                Answer(
                    headers: [("content-type", "text/plain")],
                    body: .bytes(Array("\(request.method) \(request.uri) ".utf8) + request.body)
                )
            }
            try await body(gateway, upstream)
        }
    }

    @Test("passes on method, query and body, with the configured headers in place of the client's")
    func passedOn() async throws {
        try await withEcho { gateway, upstream async throws in
            let headers = Self.key.merging(["X-Team": "b", "X-Other": "c"]) { $1 }
            let answer = try await gateway.post("/search?q=1", #"{"a": 1}"#, headers: headers)
            #expect(answer.status == 200 && answer.text == #"POST /find?v=2&q=1 {"a": 1}"#)
            let request = try #require(upstream.requests.first)
            #expect(request["authorization"] == "Bearer sk-search" && request["x-team"] == "a")
            #expect(request["x-other"] == nil && request["content-type"] == "application/json")
            #expect(request["x-request-id"] == answer["x-request-id"])
            #expect(try await gateway.send("GET", "/search/", nil, headers: Self.key).text == "GET /find?v=2 ")
        }
    }

    @Test("needs the gateway's key unless it is open to all, and takes only what is below it and its methods")
    func admission() async throws {
        try await withEcho { gateway, upstream async throws in
            #expect(
                try await gateway.send("GET", "/search", nil, headers: ["Authorization": "Bearer no"]).status == 401
            )
            #expect(try await gateway.send("GET", "/search", nil).status == 401)
            let below = try await gateway.send("GET", "/search/more", nil, headers: Self.key)
            #expect(below.status == 404)
            #expect(try await gateway.send("GET", "/open/a/b?c=d", nil).text == "GET /base/a/b?c=d ")
            #expect(try await gateway.send("GET", "/open", nil).text == "GET /base ")
            for outside in ["/open/../x", "/open/%2e%2E/x", "/opener", "/open/a/%2e"] {
                #expect(try await gateway.send("GET", outside, nil, headers: Self.key).status == 404, "\(outside)")
            }
            let refused = try await gateway.send("POST", "/open/a", "{}")
            #expect(refused.status == 405 && refused["allow"] == "GET, OPTIONS")
            #expect(upstream.calls == 2)
        }
    }

    @Test("has all headers of the client where that is configured, but none of the connection")
    func headers() async throws {
        try await withEcho { gateway, upstream async throws in
            let headers = [
                "Authorization": "Basic mine", "X-Anything": "1", "Accept": "text/csv", "Connection": "keep-alive",
                "TE": "trailers", "Content-Type": "text/csv",
            ]
            _ = try await gateway.send("GET", "/open/a", nil, headers: headers)
            let request = try #require(upstream.requests.first)
            #expect(request["authorization"] == "Basic mine" && request["x-anything"] == "1")
            #expect(request["accept"] == "text/csv" && request["te"] == nil)
            #expect(request.headers.filter { $0.name.lowercased() == "x-request-id" }.count == 1)
            #expect(request["host"] == "127.0.0.1:\(upstream.port)")
        }
    }

    @Test("comes before a call with the same path, and not before the gateway's own")
    func precedence() async throws {
        try await withEcho { gateway, _ async throws in
            let answer = try await gateway.post("/v1/rerank", #"{"model":"x"}"#, headers: Self.key)
            #expect(answer.text == #"POST /theirs {"model":"x"}"#)
            #expect(try await gateway.get("/health", headers: Self.key).json["healthy_count"].int == 1)
            #expect(try await gateway.get("/health/liveliness").status == 200)
        }
    }

    @Test("is answered with what its server says, and says so where it cannot be reached")
    func failures() async throws {
        try await withEcho { gateway, upstream async throws in
            upstream.answer(with: .failure(418))
            #expect(try await gateway.post("/search", "{}", headers: Self.key).status == 418)
            try await upstream.close()
            let unreachable = try await gateway.post("/search", "{}", headers: Self.key)
            #expect([502, 503].contains(unreachable.status), "\(unreachable.text)")
        }
    }

    @Test("is all that a gateway needs")
    func withoutModels() async throws {
        let configuration = """
            general_settings:
              pass_through_endpoints: [{path: /only, target: UPSTREAM/there}]

            """
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: .json("{}"))
            #expect(try await gateway.send("GET", "/only", nil).status == 200)
            #expect(upstream.requests.map(\.uri) == ["/there"])
        }
    }
}
