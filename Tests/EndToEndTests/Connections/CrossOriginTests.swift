import Foundation
import Testing

/// Calls of pages in a browser, by the CORS protocol of the Fetch standard.
@Suite("Pages of other origins", .timeLimit(.minutes(1)))
struct CrossOriginTests {
    private static let page = "https://app.example.com"
    private static let configuration =
        Configurations.authenticated + "  default_deployment: gpt-4\n  cors_allow_origins: [\(page)]\n"
    private static let key = ["Authorization": "Bearer sk-master"]
    private static let chat = #"{"model":"gpt-4","messages":[{"role":"user","content":"CORS"}]}"#
    private static let stream = #"{"model":"gpt-4","messages":[{"role":"user","content":"CORS"}],"stream":true}"#

    @Test("read every kind of answer where they are allowed, and none where they are not")
    func answers() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let requests: [(String, String, String?, Bool, Int)] = [
                ("POST", "/v1/chat/completions", Self.chat, true, 200),
                ("POST", "/v1/chat/completions", Self.chat, true, 200),
                ("POST", "/v1/chat/completions", Self.stream, true, 200),
                ("POST", "/v1/chat/completions", Self.chat, false, 401),
                ("POST", "/v1/chat/completions", "{", true, 400), ("GET", "/nothing", nil, true, 404),
                ("GET", "/v1/models", nil, true, 200), ("GET", "/health/liveliness", nil, false, 200),
                ("GET", "/v1/files", nil, true, 200),
            ]
            for origin in [Self.page, "https://other.example", nil] {
                for (method, path, body, hasKey, status) in requests {
                    if path == "/v1/files" {
                        // What a provider allows is not what the gateway does.
                        upstream.answer(with: .json("{}", headers: [("access-control-allow-origin", "*")]))
                    } else {
                        upstream.answer(Answer.standard)
                    }
                    var headers = hasKey ? Self.key : [:]
                    headers["Origin"] = origin
                    let answer = try await gateway.send(method, path, body, headers: headers)
                    #expect(answer.status == status && answer["vary"] == "Origin", "\(method) \(path)")
                    #expect(answer["access-control-allow-origin"] == (origin == Self.page ? origin : nil))
                    let exposed = answer["access-control-expose-headers"] ?? ""
                    #expect(exposed.contains("x-litellm-cache-key") == (origin == Self.page))
                }
            }
        }
    }

    @Test("may ask before they send, without a key, on every path")
    func preflight() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            for (path, methods) in [
                ("/v1/chat/completions", "POST, OPTIONS"), ("/v1/models", "GET, HEAD, OPTIONS"),
                ("/v1/files/f", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"), ("/v1/messages", "POST, OPTIONS"),
            ] {
                var headers = [
                    "Origin": Self.page, "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,content-type",
                ]
                let allowed = try await gateway.send("OPTIONS", path, nil, headers: headers)
                #expect(allowed.status == 204 && allowed["access-control-allow-origin"] == Self.page)
                #expect(allowed["access-control-allow-methods"] == methods && allowed["allow"] == methods)
                #expect(allowed["access-control-allow-headers"] == "authorization,content-type")
                #expect(allowed["access-control-max-age"] == "600")
                #expect(allowed["vary"] == "Access-Control-Request-Headers, Origin")
                headers["Origin"] = "https://other.example"
                let refused = try await gateway.send("OPTIONS", path, nil, headers: headers)
                #expect(refused.status == 204 && !refused.headers.contains { $0.name.hasPrefix("access-control") })
            }
            #expect(upstream.calls == 0)
        }
    }

    @Test("get nothing of a provider's permissions where the gateway has none of its own")
    func off() async throws {
        try await withGateway { gateway, upstream async throws in
            let fields = [
                ("access-control-allow-origin", "*"), ("access-control-expose-headers", "a"),
                ("access-control-allow-credentials", "true"), ("access-control-allow-headers", "*"),
                ("access-control-allow-methods", "*"), ("access-control-max-age", "1"),
            ]
            upstream.answer(with: .json(#"{"choices":[]}"#, headers: fields))
            let answer = try await gateway.send(
                "POST",
                "/v1/chat/completions",
                Self.chat,
                headers: ["Origin": Self.page]
            )
            #expect(answer.status == 200 && answer["vary"] == nil)
            #expect(!answer.headers.contains { $0.name.hasPrefix("access-control") })
        }
    }
}
