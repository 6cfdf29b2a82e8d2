import Foundation
import Testing

/// Responses, conversations and files are where they were made.
@Suite("What a provider keeps", .timeLimit(.minutes(2)))
struct KeptResponseTests {
    /// One model with two deployments, which differ in nothing but their keys.
    private static let two = """
        model_list:
          - model_name: m
            litellm_params: {model: openai/m, api_base: "UPSTREAM/v1", api_key: key-0}
          - model_name: m
            litellm_params: {model: openai/m, api_base: "UPSTREAM/v1", api_key: key-1}
          - model_name: another
            litellm_params: {model: openai/another, api_base: "UPSTREAM/v1", api_key: key-2}
        general_settings: {default_deployment: another}
        litellm_settings:
          cache: true
          cache_params: {type: local}

        """

    /// Each deployment answers with ids of its own.
    private static let deployments: RecordingUpstream.Script = { request, number in
        let key = request["authorization"]?.last.map(String.init) ?? ""
        let id = "\(key)_\(number)"
        if request.uri == "/v1/conversations" { return .json(#"{"id":"conv_\#(id)","object":"conversation"}"#) }
        if request.method != "POST" { return .json(#"{"id":"from \#(key)"}"#) }
        let response = Answer.responseObject(number).replacing("resp_\(number)\"", with: "resp_\(id)\"")
        if request.json["stream"].bool == true {
            return .stream(Answer.responseEvents(number).map { $0.replacing("resp_\(number)\"", with: "resp_\(id)\"") })
        }
        return .json(response)
    }

    private func withDeployments(_ body: (GatewayProcess, RecordingUpstream) async throws -> Void) async throws {
        try await withGateway(Self.two) { gateway, upstream async throws in
            upstream.answer(Self.deployments)
            try await body(gateway, upstream)
        }
    }

    private func key(_ request: RecordingUpstream.Request?) -> String? {
        request?["authorization"]?.last.map(String.init)
    }

    @Test("A response is retrieved, cancelled and continued where it was made", arguments: ["", #","stream":true"#])
    func responses(members: String) async throws {
        try await withDeployments { gateway, upstream async throws in
            for number in 0..<12 {
                // Half of them are stored, and half of them bypass the cache.
                let more = number % 2 == 0 ? "" : #","background":true"#
                let made = try await gateway.post(
                    "/v1/responses",
                    #"{"model":"m","input":"\#(number)"\#(members)\#(more)}"#
                )
                let maker = try #require(key(upstream.requests.last))
                let id = try #require(made.text.firstMatch(of: #/resp_\d_\d+/#)).output
                for path in ["/v1/responses/\(id)", "/v1/responses/\(id)/input_items?limit=3"] {
                    #expect(try await gateway.get(path).text == #"{"id":"from \#(maker)"}"#)
                }
                _ = try await gateway.post("/v1/responses/\(id)/cancel", "{}")
                #expect(key(upstream.requests.last) == maker)
                _ = try await gateway.post(
                    "/v1/responses",
                    #"{"model":"m","input":"x","previous_response_id":"\#(id)"}"#
                )
                #expect(key(upstream.requests.last) == maker)
            }
            #expect(Set(upstream.requests.compactMap { key($0) }) == ["0", "1"])
        }
    }

    @Test("A conversation is used where it was made, although the request names another model's")
    func conversations() async throws {
        try await withDeployments { gateway, upstream async throws in
            let made = try await gateway.post("/v1/conversations", "{}")
            let id = try #require(made.json["id"].string)
            #expect(id == "conv_2_1")
            _ = try await gateway.post("/v1/conversations/\(id)/items", #"{"items":[]}"#)
            #expect(key(upstream.requests.last) == "2")
            _ = try await gateway.post(
                "/v1/responses",
                #"{"model":"another","input":"x","conversation":{"id":"\#(id)"}}"#
            )
            #expect(key(upstream.requests.last) == "2")
        }
    }

    @Test("An id that is not known is looked for at the default deployment")
    func unknown() async throws {
        try await withDeployments { gateway, upstream async throws in
            _ = try await gateway.get("/v1/responses/resp_unknown")
            #expect(key(upstream.requests.last) == "2")
        }
    }

    @Test("A response that is deleted is deleted from the cache too, once its provider has done so")
    func deleted() async throws {
        try await withDeployments { gateway, upstream async throws in
            func ask() async throws -> Response {
                try await gateway.post("/v1/responses", #"{"model":"m","input":"x"}"#)
            }
            let id = try #require(try await ask().json["id"].string)
            #expect(try await ask().isHit)
            upstream.answer(with: .failure(404))
            #expect(try await gateway.send("DELETE", "/v1/responses/\(id)", nil).status == 404)
            #expect(try await ask().isHit, "the provider has not deleted it")
            upstream.answer(Self.deployments)
            #expect(try await gateway.send("DELETE", "/v1/responses/\(id)", nil).status == 200)
            let again = try await ask()
            #expect(again.wasForwarded("miss") && again.json["id"].string != id)
        }
    }

    @Test("A response that another gateway stored is found where it was made, and deleted from the cache they share")
    func shared() async throws {
        let redis = try await RedisServer.start()
        let configuration = Self.two.replacing(
            "{type: local}",
            with: "{type: redis, host: 127.0.0.1, port: \(redis.port)}"
        )
        try await withGateway(configuration) { maker, upstream async throws in
            upstream.answer(Self.deployments)
            let other = try await GatewayProcess.start(configuration.replacing("UPSTREAM", with: upstream.url))
            defer { other.terminate() }
            func ask(_ gateway: GatewayProcess, _ input: Int) async throws -> Response {
                try await gateway.post("/v1/responses", #"{"model":"m","input":"\#(input)"}"#)
            }
            for number in 0..<6 {
                let id = try #require(try await ask(maker, number).json["id"].string)
                let account = try #require(key(upstream.requests.last))
                try await eventually("the other gateway has it") { try await ask(other, number).isHit }
                try await eventually("the other gateway knows where it is") {
                    try await other.get("/v1/responses/\(id)").text == #"{"id":"from \#(account)"}"#
                }
            }
            let again = try await ask(other, 0)
            let id = try #require(again.json["id"].string)
            #expect(again.isHit)
            #expect(try await other.send("DELETE", "/v1/responses/\(id)", nil).status == 200)
            try await eventually("neither gateway has it any more") { try await !ask(maker, 0).isHit }
        }
    }
}
