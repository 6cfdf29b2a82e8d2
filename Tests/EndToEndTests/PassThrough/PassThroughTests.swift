import Foundation
import Testing

/// Everything below /v1 that the gateway does not answer itself goes to a provider as it is.
@Suite("A request below /v1 that the gateway has no call for", .timeLimit(.minutes(2)))
struct PassThroughTests {
    private static let withDefault = Configurations.local + "general_settings:\n  default_deployment: gpt-4\n"

    /// Answers with what it was asked.
    private static let echo: RecordingUpstream.Script = { request, _ in
        Answer(
            headers: [("content-type", "text/plain"), ("x-upstream", "yes")],
            body: .bytes(Array("\(request.method) \(request.uri) ".utf8) + request.body)
        )
    }

    private func withEcho(
        _ configuration: String = withDefault,
        _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
    ) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Self.echo)
            try await body(gateway, upstream)
        }
    }

    @Test(
        "goes to the default deployment with its method, path, query and body, and the deployment's key",
        arguments: [
            ("GET", "/v1/files?limit=2", nil), ("DELETE", "/v1/files/file-1", nil),
            ("POST", "/v1/batches", #"{"input_file_id":"f"}"#), ("GET", "/v1/responses/resp_1?stream=true", nil),
            ("POST", "/v1/conversations/conv_1/items", #"{"items":[]}"#), ("PUT", "/v1/x%20y", "{}"),
        ] as [(String, String, String?)]
    )
    func passedOn(method: String, path: String, body: String?) async throws {
        try await withEcho { gateway, upstream async throws in
            for _ in 0..<2 {
                let answer = try await gateway.send(method, path, body)
                #expect(answer.text == "\(method) \(path) \(body ?? "")")
                #expect(answer.cacheStatus == "gateway; fwd=bypass" && answer["x-upstream"] == "yes")
                #expect(answer["content-type"] == "text/plain")
            }
            let request = try #require(upstream.requests.first)
            #expect(request["authorization"] == "Bearer sk-upstream" && request["x-request-id"] != nil)
            #expect(request["content-type"] == (body == nil ? nil : "application/json"))
            #expect(request["content-length"] == body.map { String($0.utf8.count) } && upstream.calls == 2)
        }
    }

    @Test("goes to the model that its body names, by the name that the provider knows", arguments: [10, 200_000])
    func model(padding: Int) async throws {
        try await withEcho { gateway, _ async throws in
            let pad = String(repeating: "x", count: padding)
            let answer = try await gateway.post("/v1/fine_tuning/jobs", #"{"pad":"\#(pad)","model":"gpt-3.5-turbo"}"#)
            #expect(answer.text == #"POST /v1/fine_tuning/jobs {"pad":"\#(pad)","model":"gpt-3.5-turbo-0125"}"#)
            let unknown = try await gateway.post("/v1/fine_tuning/jobs", #"{"model":"nope"}"#)
            #expect(unknown.status == 404 && unknown.json["error"]["code"].string == "model_not_found")
        }
    }

    @Test("goes to the model that its form names, and every other byte of the form stays as it is")
    func form() async throws {
        try await withEcho { gateway, upstream async throws in
            func form(_ model: String) -> String {
                "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"model.wav\"\r\n"
                    + "Content-Type: audio/wav\r\n\r\nRIFF\r\n--Xy\r\n\r\n--XyZ\r\n"
                    + "Content-Disposition: form-data; name=\"model\"\r\n\r\n\(model)\r\n--XyZ--\r\n"
            }
            let type = "multipart/form-data; boundary=XyZ"
            let answer = try await gateway.post("/v1/videos", form("gpt-3.5-turbo"), headers: ["Content-Type": type])
            #expect(answer.text == "POST /v1/videos " + form("gpt-3.5-turbo-0125"))
            #expect(upstream.requests.first?["content-type"] == type)
        }
    }

    @Test("is answered with its provider's error, and is not tried again unless it may be repeated")
    func failed() async throws {
        try await withEcho { gateway, upstream async throws in
            upstream.answer(with: .failure(503))
            let posted = try await gateway.post("/v1/files", "{}")
            #expect(
                posted.status == 503 && posted.json["error"]["code"].string == "upstream_503" && upstream.calls == 1
            )
            upstream.answer { _, number in number == 2 ? .failure(503) : .json("{}") }
            #expect(try await gateway.get("/v1/files").status == 200)
            #expect(upstream.calls == 3)
        }
    }

    @Test("needs a default deployment where there are several models, and the one model where there is one")
    func noDefault() async throws {
        try await withEcho(Configurations.local) { gateway, upstream async throws in
            let answer = try await gateway.get("/v1/files")
            #expect(answer.status == 404 && answer.json["error"]["code"].string == "unknown_url")
            #expect(answer.json["error"]["message"].string?.contains("general_settings.default_deployment") == true)
            #expect(upstream.calls == 0)
        }
        let one = """
            model_list:
              - model_name: m
                litellm_params: {model: openai/m, api_base: "UPSTREAM/v1", api_key: k}

            """
        try await withEcho(one) { gateway, _ async throws in
            let answer = try await gateway.get("/v1/files")
            #expect(answer.text == "GET /v1/files " && answer["cache-status"] == nil)
        }
    }

    @Test(
        "never leaves the version's path, and needs the master key like any other",
        arguments: ["/v1/../admin", "/v1/files/%2e%2E/x", "/v1/files/..", "/v1/./x", "/v1/%2E"]
    )
    func paths(path: String) async throws {
        try await withEcho { gateway, upstream async throws in
            #expect(try await gateway.get(path).status == 404)
            #expect(upstream.calls == 0)
        }
    }

    @Test("needs the master key") func key() async throws {
        try await withEcho(Configurations.authenticated) { gateway, upstream async throws in
            #expect(try await gateway.get("/v1/files").status == 401)
            #expect(upstream.calls == 0)
        }
    }

    @Test("with a method that no provider has is refused") func method() async throws {
        try await withEcho { gateway, _ async throws in
            let answer = try await gateway.send("TRACE", "/v1/files", nil)
            #expect(answer.status == 405 && answer["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
        }
    }

    @Test("gets an answer without content, and a long one as the client reads it") func answers() async throws {
        try await withEcho { gateway, upstream async throws in
            upstream.answer(with: Answer(status: 204, headers: [], body: .bytes([])))
            let deleted = try await gateway.send("DELETE", "/v1/files/f", nil)
            #expect(deleted.status == 204 && deleted["content-length"] == nil)
            let megabyte = [UInt8](repeating: 7, count: 1 << 20)
            upstream.answer(with: Answer(headers: [("content-type", "audio/mpeg")], body: .bytes(megabyte)))
            let file = try await gateway.get("/v1/files/f/content")
            #expect(file.body == megabyte && file["content-type"] == "audio/mpeg")
        }
    }
}
