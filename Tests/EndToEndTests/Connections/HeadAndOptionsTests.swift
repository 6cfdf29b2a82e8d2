import Foundation
import Testing

/// Requests without an answer's body, several on one connection, so that a byte too many or too few is noticed.
@Suite("HEAD and OPTIONS", .timeLimit(.minutes(1)))
struct HeadAndOptionsTests {
    private static let configuration =
        Configurations.authenticated + "  default_deployment: gpt-4\n"
    private static let key = ["Authorization": "Bearer sk-master"]

    @Test("HEAD is answered with the head of GET and without its body, by the gateway and by a provider")
    func head() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            upstream.answer(with: Answer(headers: [("content-type", "audio/mpeg")], body: .bytes(Array("song".utf8))))
            let connection = try await gateway.connect()
            for path in [
                "/v1/models", "/v1/models/gpt-4", "/v1/models/nothing", "/health", "/health/readiness",
                "/health/liveliness", "/v1/model/info", "/model_group/info", "/cache/ping", "/nothing",
                "/v1/chat/completions", "/v1/files/f/content",
            ] {
                // Both are sent at once, so that the second answer follows the first directly.
                let head = GatewayProcess.request("HEAD", path, nil, headers: Self.key)
                try await connection.send(head + GatewayProcess.request("GET", path, nil, headers: Self.key))
                let short = try await connection.readResponse(isHead: true)
                let whole = try await connection.readResponse()
                #expect(short.status == whole.status && short["content-type"] == whole["content-type"], "\(path)")
                // Some say how long something took, or which method was wrong.
                if !["/cache/ping", "/health/readiness", "/nothing", "/v1/chat/completions"].contains(path) {
                    #expect(short["content-length"] == String(whole.body.count), "\(path)")
                }
            }
            #expect(upstream.requests.map(\.method) == ["HEAD", "GET"])
            #expect(upstream.requests.first?["content-length"] == nil)
        }
    }

    @Test("HEAD reuses the provider's connection, however long the body is that it does not send")
    func provider() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let connection = try await gateway.connect()
            func ask(_ method: String) async throws -> Response {
                try await connection.send(GatewayProcess.request(method, "/v1/files/f", nil, headers: Self.key))
                return try await connection.readResponse(isHead: method == "HEAD")
            }
            for answer in [
                Answer(body: .bytes([UInt8](repeating: 1, count: 1 << 20))), Answer(status: 404, body: .bytes([1])),
                Answer(status: 204, headers: [], body: .bytes([])), .failure(503),
            ] {
                upstream.answer(with: answer)
                let head = try await ask("HEAD")
                #expect(head.cacheStatus == "gateway; fwd=bypass")
                upstream.answer(with: .json("{}"))
                #expect(try await ask("GET").text == "{}")
            }
        }
    }

    @Test("OPTIONS is answered with the methods of a path, without a key, and of nothing but the gateway for *")
    func options() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let connection = try await gateway.connect()
            let all = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
            for (target, status, allowed) in [
                ("/v1/chat/completions", 204, "POST, OPTIONS"), ("/v1/models", 204, "GET, HEAD, OPTIONS"),
                ("/v1/files/f", 204, all), ("*", 204, all), ("/nothing", 404, nil),
            ] as [(String, Int, String?)] {
                try await connection.send(GatewayProcess.request("OPTIONS", target, target == "*" ? nil : "body"))
                let answer = try await connection.readResponse()
                #expect(answer.status == status && answer["allow"] == allowed, "\(target)")
                if status == 204 { #expect(answer["content-length"] == nil && answer.body.isEmpty) }
            }
            let wrong = try await gateway.send("PUT", "/v1/chat/completions", nil)
            #expect(wrong.status == 405 && wrong["allow"] == "POST, OPTIONS" && upstream.calls == 0)
        }
    }
}
