import Foundation
import Testing

/// Every error is in OpenAI's JSON form and says what to correct.
@Suite("Errors", .timeLimit(.minutes(1)))
struct ErrorTests {
    private func expectError(
        _ answer: Response,
        _ status: Int,
        type: String? = "invalid_request_error",
        code: String? = nil,
        says phrases: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = answer.json["error"]
        #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(answer["content-type"]?.hasPrefix("application/json") == true, sourceLocation: sourceLocation)
        #expect(
            error.names.isSuperset(of: ["message", "type", "param", "code"]),
            "\(answer.text)",
            sourceLocation: sourceLocation
        )
        if let type { #expect(error["type"].string == type, sourceLocation: sourceLocation) }
        if let code { #expect(error["code"].string == code, sourceLocation: sourceLocation) }
        let message = error["message"].string ?? ""
        for phrase in phrases {
            #expect(message.contains(phrase), "\(message)", sourceLocation: sourceLocation)
        }
    }

    @Test("An unknown model is a 404 that names it", arguments: ["/chat/completions", "/embeddings", "/completions"])
    func unknownModel(path: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await gateway.post(
                "/v1" + path,
                #"{"model":"gpt-none","messages":[],"input":"a","prompt":"a"}"#
            )
            expectError(answer, 404, code: "model_not_found", says: "gpt-none", "does not exist")
            #expect(answer.json["error"]["param"].string == "model")
            #expect(upstream.calls == 0)
        }
    }

    @Test(
        "A member that differs from one of ours in the case of its letters is a 400 that names it",
        arguments: ["Model", "MODEL", "Stream", "sTREAM", "Cache", "CACHE"]
    )
    func otherCase(member: String) async throws {
        try await withGateway { gateway, upstream async throws in
            for model in [#""model":"gpt-4","#, ""] {
                let answer = try await gateway.post(
                    "/v1/chat/completions",
                    #"{\#(model)"messages":[],"\#(member)":null}"#
                )
                expectError(answer, 400, says: "'\(member)'", "'\(member.lowercased())'", "byte")
                #expect(answer.json["error"]["param"].string == member)
            }
            #expect(upstream.calls == 0)
            #expect(
                try await gateway.chat("hello", #""metadata":{"\#(member)":1}"#).status == 200,
                "deeper it may stand"
            )
        }
    }

    @Test("An unknown path is a 404 that names it", arguments: ["/v1/nothing", "/", "/v2/chat/completions"])
    func unknownPath(path: String) async throws {
        try await withGateway { gateway, _ async throws in
            expectError(try await gateway.get(path), 404, says: path)
        }
    }

    @Test("A wrong method is a 405 that lists the right ones")
    func wrongMethod() async throws {
        try await withGateway { gateway, _ async throws in
            let get = try await gateway.get("/v1/chat/completions")
            expectError(get, 405)
            #expect(get["allow"] == "POST, OPTIONS")
            let post = try await gateway.post("/v1/models", "{}")
            expectError(post, 405)
            #expect(post["allow"]?.contains("GET") == true)
        }
    }

    @Test("A body over the limit is a 413 that names the limit, before the body is sent")
    func tooLarge() async throws {
        try await withGateway { gateway, upstream async throws in
            let connection = try await gateway.connect()
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 99999999999\r\n\r\n{"
            )
            let answer = try await connection.readResponse()
            expectError(answer, 413, code: "request_too_large")
            #expect(answer.json["error"]["message"].string?.contains { $0.isNumber } == true)
            #expect(upstream.calls == 0)
        }
    }

    @Test(
        "A body that is not JSON is a 400 that names the byte",
        arguments: [
            (#"{"model":"gpt-3.5-turbo",}"#, "25"), (#"{"model":"gpt-3.5-turbo"} x"#, "26"),
            ("not json", "0"), (#"{"model":"gpt-3.5-turbo","messages":[01]}"#, "37"),
        ]
    )
    func badJSON(body: String, offset: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await gateway.post("/v1/chat/completions", body)
            expectError(answer, 400, says: "byte", offset)
            #expect(upstream.calls == 0)
        }
    }

    @Test(
        "A member that is missing, of the wrong type or there twice is a 400 that names it",
        arguments: [
            (#"{"messages":[]}"#, "model"), (#"{"model":5,"messages":[]}"#, "model"),
            (#"{"model":"gpt-3.5-turbo","messages":[],"stream":"yes"}"#, "stream"),
            (#"{"model":"gpt-3.5-turbo","messages":[],"cache":5}"#, "cache"),
            (#"{"model":"gpt-3.5-turbo","top_p":1,"messages":[],"top_p":0}"#, "top_p"),
        ]
    )
    func badMember(body: String, member: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await gateway.post("/v1/chat/completions", body)
            expectError(answer, 400, says: member)
            #expect(upstream.calls == 0)
        }
    }

    @Test("Something other than an object, or nothing, is a 400", arguments: ["", "[]", "5", "null"])
    func notAnObject(body: String) async throws {
        try await withGateway { gateway, _ async throws in
            expectError(try await gateway.post("/v1/chat/completions", body), 400)
        }
    }

    @Test("Nesting without end is a 400, not a crash")
    func deepNesting() async throws {
        try await withGateway { gateway, _ async throws in
            let depth = 100_000
            let body = #"{"model":"gpt-3.5-turbo","messages":"# + String(repeating: "[", count: depth)
            expectError(try await gateway.post("/v1/chat/completions", body), 400)
            #expect(try await gateway.get("/health/liveliness").status == 200)
        }
    }

    @Test("A model that cannot be reached is a 502 upstream_error")
    func unreachable() async throws {
        try await withGateway { gateway, upstream async throws in
            try await upstream.close()
            let answer = try await gateway.chat("hello")
            expectError(answer, 502, type: "upstream_error")
        }
    }

    @Test("A model that does not answer in its time is a 504")
    func upstreamTimeout() async throws {
        let configuration = Configurations.local.replacingOccurrences(
            of: "api_key: sk-upstream",
            with: "api_key: sk-upstream\n      timeout: 0.3\n      max_retries: 0"
        )
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(with: Answer(body: .silence))
            expectError(try await gateway.chat("hello"), 504, type: nil)
        }
    }
}
