import Testing

/// HTTP/1.1 as clients use it, correctly and incorrectly.
@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    private static let chat = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}]}"#

    @Test("One connection serves many requests, hits and misses in turn")
    func keepAlive() async throws {
        try await withGateway { gateway, upstream async throws in
            let connection = try await gateway.connect()
            for round in 0..<20 {
                try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.chat))
                let answer = try await connection.readResponse()
                #expect(answer.content == "answer 1")
                #expect(answer.isHit == (round > 0))
            }
            #expect(upstream.calls == 1)
        }
    }

    @Test("Pipelined requests are answered in their order, slow ones first if they came first")
    func pipelining() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            let connection = try await gateway.connect()
            try await connection.send(
                GatewayProcess.request("POST", "/v1/chat/completions", Self.chat)
                    + GatewayProcess.request("GET", "/v1/models/gpt-4", nil)
                    + GatewayProcess.request("GET", "/nothing", nil)
            )
            try await upstream.arrival(of: 1)
            gate.open()
            #expect(try await connection.readResponse().content == "answer 1")
            #expect(try await connection.readResponse().json["id"].string == "gpt-4")
            #expect(try await connection.readResponse().status == 404)
        }
    }

    @Test("Nonsense behind a request does not cost that request its answer, and is refused behind it")
    func nonsenseBehind() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            let connection = try await gateway.connect()
            try await connection.send(
                GatewayProcess.request("POST", "/v1/chat/completions", Self.chat) + "\u{1}nonsense\r\n\r\n"
            )
            try await upstream.arrival(of: 1)
            gate.open()
            let answer = try await connection.readResponse()
            #expect(answer.content == "answer 1")
            let refusal = try await connection.readResponse()
            #expect(refusal.status == 400)
            #expect(refusal["connection"] == "close")
            #expect(await connection.readEnd())
        }
    }

    @Test("A request in single bytes is a request")
    func byteByByte() async throws {
        try await withGateway { gateway, _ async throws in
            let connection = try await gateway.connect()
            try await connection.sendByteByByte(GatewayProcess.request("POST", "/v1/chat/completions", Self.chat))
            #expect(try await connection.readResponse().content == "answer 1")
        }
    }

    @Test("A chunked body is the same request as one with a length")
    func chunkedBody() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.post("/v1/chat/completions", Self.chat)
            let connection = try await gateway.connect()
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            let middle = Self.chat.index(Self.chat.startIndex, offsetBy: 10)
            for piece in [Self.chat[..<middle], Self.chat[middle...]] {
                try await connection.send(String(piece.utf8.count, radix: 16) + "\r\n" + piece + "\r\n")
            }
            try await connection.send("0\r\n\r\n")
            #expect(try await connection.readResponse().isHit)
            #expect(upstream.calls == 1)
        }
    }

    @Test("Expect: 100-continue is answered before the body comes")
    func expectContinue() async throws {
        try await withGateway { gateway, _ async throws in
            let connection = try await gateway.connect()
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nExpect: 100-continue\r\n"
                    + "Content-Length: \(Self.chat.utf8.count)\r\n\r\n"
            )
            #expect(try await connection.readHead().status == 100)
            try await connection.send(Self.chat)
            #expect(try await connection.readResponse().content == "answer 1")
        }
    }

    @Test("Connection: close is answered and closed")
    func close() async throws {
        try await withGateway { gateway, _ async throws in
            let connection = try await gateway.connect()
            try await connection.send(
                GatewayProcess.request("GET", "/v1/models", nil, headers: ["Connection": "close"])
            )
            #expect(try await connection.readResponse().status == 200)
            #expect(await connection.readEnd())
        }
    }

    @Test(
        "What is not HTTP, or could be read in two ways, is refused and the connection closed",
        arguments: [
            "nonsense\r\n\r\n",
            "POST /v1/models HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST /v1/models HTTP/1.1\r\nHost: g\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET /v1/models HTTP/1.1\r\nHost: g\r\nBad Name: 1\r\n\r\n",
        ]
    )
    func badRequests(text: String) async throws {
        try await withGateway { gateway, _ async throws in
            let connection = try await gateway.connect()
            try await connection.send(text)
            let answer = try? await connection.readResponse()
            #expect(answer.map { $0.status == 400 } ?? true, "\(answer?.status ?? 0)")
            #expect(await connection.readEnd())
            #expect(try await gateway.get("/health/liveliness").status == 200)
        }
    }

    @Test("SIGTERM lets what is under way finish, then ends with status 0")
    func gracefulStop() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.chat))
            try await upstream.arrival(of: 1)
            gateway.terminate()
            while (try? await gateway.connect()) != nil { try await Task.sleep(for: .milliseconds(10)) }
            gate.open()
            #expect(try await connection.readResponse().content == "answer 1")
            #expect(try await gateway.status == 0)
        }
    }
}
