import Testing

/// Tests of `general_settings.master_key`.
@Suite("Authentication", .timeLimit(.minutes(1)))
struct AuthenticationTests {
    @Test(
        "Without the master key every endpoint of the API is a 401 invalid_api_key",
        arguments: [
            [:], ["Authorization": "Bearer sk-wrong"], ["Authorization": "Bearer sk-maste"],
            ["Authorization": "Bearer sk-master1"], ["Authorization": "Basic sk-master"],
            ["Authorization": "sk-master"],
            ["Authorization": "Bearer "],
        ] as [[String: String]]
    )
    func refused(headers: [String: String]) async throws {
        try await withGateway(Configurations.authenticated) { gateway, upstream async throws in
            for answer in [
                try await gateway.chat("hello", headers: headers),
                try await gateway.get("/v1/models", headers: headers),
                try await gateway.get("/models/gpt-4", headers: headers),
            ] {
                #expect(answer.status == 401)
                #expect(answer.json["error"]["code"].string == "invalid_api_key")
                #expect(!answer.text.contains("sk-master"))
            }
            #expect(upstream.calls == 0)
        }
    }

    @Test("With the master key requests are answered, and the key goes nowhere else")
    func accepted() async throws {
        try await withGateway(Configurations.authenticated) { gateway, upstream async throws in
            let headers = ["Authorization": "Bearer sk-master"]
            #expect(try await gateway.chat("hello", headers: headers).content == "answer 1")
            #expect(try await gateway.chat("hello", headers: headers).isHit)
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-upstream")
            #expect(upstream.requests.first?.headers.contains { $0.value.contains("sk-master") } == false)
            #expect(!gateway.log.contains("sk-master"))
            #expect(!gateway.log.contains("sk-upstream"))
        }
    }

    @Test("Probes need no key", arguments: ["/health/liveliness", "/health/liveness", "/health/readiness"])
    func probes(path: String) async throws {
        try await withGateway(Configurations.authenticated) { gateway, _ async throws in
            #expect(try await gateway.get(path).status == 200)
        }
    }

    @Test("Without a master key any Authorization header is accepted, and none goes upstream")
    func open() async throws {
        try await withGateway { gateway, upstream async throws in
            #expect(try await gateway.chat("hello", headers: ["Authorization": "Bearer sk-client"]).status == 200)
            #expect(upstream.requests.first?["authorization"] == "Bearer sk-upstream")
        }
    }
}
