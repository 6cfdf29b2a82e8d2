import Testing

/// The id of a request, from the client to the model and back.
@Suite("The name of a request", .timeLimit(.minutes(1)))
struct RequestIDTests {
    @Test("is the client's, goes to the model with the request, and comes back with its answer and with every hit")
    func client() async throws {
        try await withGateway { gateway, upstream async throws in
            let miss = try await gateway.chat("hello", headers: ["X-Request-ID": "order-66"])
            #expect(miss["x-request-id"] == "order-66")
            #expect(upstream.requests.map { $0["x-request-id"] } == ["order-66"])
            let hit = try await gateway.chat("hello", headers: ["X-Request-ID": "order-67"])
            #expect(hit["cache-status"]?.hasPrefix("gateway; hit") == true)
            #expect(hit["x-request-id"] == "order-67")
            let health = try await gateway.get("/health/liveliness", headers: ["X-Request-ID": "order-68"])
            #expect(health["x-request-id"] == "order-68")
            let error = try await gateway.get("/nothing", headers: ["X-Request-ID": "order-69"])
            #expect(error.status == 404 && error["x-request-id"] == "order-69")
        }
    }

    @Test("is made by the gateway where the client gives none that is fit, and is the same for model and client")
    func own() async throws {
        try await withGateway { gateway, upstream async throws in
            for (number, name) in ["", "two words", "é", String(repeating: "x", count: 129)].enumerated() {
                let headers = name.isEmpty ? [:] : ["X-Request-ID": name]
                let answer = try await gateway.chat("question \(number)", headers: headers)
                let id = try #require(answer["x-request-id"])
                #expect(id.utf8.count == 16 && id.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
                #expect(upstream.requests.last?["x-request-id"] == id)
            }
        }
    }

    @Test("is not that of the provider, which is passed on under the name that LiteLLM gives it")
    func provider() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(
                with: .json(#"{"error":{"message":"no"}}"#, status: 418, headers: [("X-Request-Id", "req_1")])
            )
            let answer = try await gateway.chat("hello", headers: ["X-Request-ID": "mine"])
            #expect(answer["x-request-id"] == "mine")
            #expect(answer["llm_provider-x-request-id"] == "req_1")
        }
    }
}
