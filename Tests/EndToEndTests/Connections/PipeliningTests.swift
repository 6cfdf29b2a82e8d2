import Testing

/// Clients that send many requests and read no answer.
extension OneAtATime {
    @Suite("Pipelined requests whose answers nobody reads", .timeLimit(.minutes(2)))
    struct PipeliningTests {
        private static func chat(_ content: String) -> String {
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(content)"}]}"#
            return GatewayProcess.request("POST", "/v1/chat/completions", body)
        }

        @Test("Two hundred requests for a hit of three megabytes hold one answer at a time, and all are answered")
        func hits() async throws {
            try await withGateway { gateway, upstream async throws in
                upstream.answer(with: .chat(String(repeating: "z", count: 3_000_000)))
                _ = try await gateway.chat("large")
                try await eventually("it is cached") { try await gateway.chat("large").isHit }
                let before = try gateway.residentMegabytes
                let client = try SlowClient(port: gateway.port)
                try client.send(String(repeating: Self.chat("large"), count: 200))
                try await Task.sleep(for: .seconds(2))
                let grown = try gateway.residentMegabytes - before
                #expect(grown < 64, "\(grown) MB")
                let statuses = try await offThread { try client.receiveAnswers(200) }
                #expect(statuses == Array(repeating: 200, count: 200))
                #expect(try gateway.residentMegabytes - before < 64)
            }
        }

        @Test("Two hundred thousand readiness checks without a key hold little, and all are answered")
        func readiness() async throws {
            try await withGateway(Configurations.uncached + "general_settings:\n  master_key: sk-master\n") {
                gateway,
                _ async throws in
                let request = "GET /health/readiness HTTP/1.1\r\nHost: a\r\n\r\n"
                let last = "GET /health/readiness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                // All answers have the same length.
                let sizes = try await offThread {
                    let client = try SlowClient(port: gateway.port)
                    try client.send(request)
                    let size = try client.receive(upTo: 10_000).count
                    try client.send(last)
                    return (size, client.receiveAll().count)
                }
                let before = try gateway.residentMegabytes
                let client = try SlowClient(port: gateway.port)
                async let sent: Void = offThread {
                    for _ in 0..<200 { try client.send(String(repeating: request, count: 1_000)) }
                    try client.send(last)
                }
                try await Task.sleep(for: .seconds(2))
                let grown = try gateway.residentMegabytes - before
                #expect(grown < 32, "\(grown) MB")
                let answers = try await offThread { client.receiveAll() }
                try await sent
                #expect(answers.count == 200_000 * sizes.0 + sizes.1)
                #expect(answers.start.hasPrefix("HTTP/1.1 200 "))
            }
        }

        @Test("Misses behind each other that nobody reads hold one answer at a time, and the model is asked no sooner")
        func misses() async throws {
            try await withGateway(Configurations.uncached) { gateway, upstream async throws in
                upstream.answer(with: .chat(String(repeating: "z", count: 6_000_000)))
                let before = try gateway.residentMegabytes
                let client = try SlowClient(port: gateway.port)
                try client.send((0..<20).map { Self.chat("question \($0)") }.joined())
                try await Task.sleep(for: .seconds(2))
                let grown = try gateway.residentMegabytes - before
                #expect(grown < 64, "\(grown) MB")
                #expect(upstream.calls < 5)
                let statuses = try await offThread { try client.receiveAnswers(20) }
                #expect(statuses == Array(repeating: 200, count: 20))
                #expect(upstream.calls == 20)
            }
        }
    }
}
