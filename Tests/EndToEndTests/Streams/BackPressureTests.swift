import NIOCore
import Testing

/// Clients that do not read.
extension OneAtATime {
    @Suite("Clients that stop reading", .timeLimit(.minutes(3)))
    struct BackPressureTests {
        /// A stream of so many chunks of two kilobytes.
        private static func long(_ chunks: Int) -> Answer {
            var answer = Answer.chatStream(Array(repeating: String(repeating: "x", count: 2_000), count: chunks))
            if case .bytes(let bytes) = answer.body { answer.body = .buffer(ByteBuffer(bytes: bytes)) }
            return answer
        }

        @Test("Two hundred stalled clients of long streams cost little memory each, and hold nobody else up")
        func stalled() async throws {
            try await withGateway(Configurations.cached("type: local\nmax_entry_size: 256KB")) {
                gateway,
                upstream async throws in
                // Each is sixteen megabytes, far more than the system buffers, and all are three gigabytes.
                let answer = Self.long(8_000)
                upstream.answer { request, _ in request.text.contains("quick") ? .chatStream(["quick"]) : answer }
                _ = try await gateway.stream("quick 0")
                let before = try gateway.residentMegabytes
                var stalled: [Connection] = []
                for number in 0..<200 {
                    let connection = try await gateway.connect()
                    let body =
                        #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"long \#(number)"}],"stream":true}"#
                    try await connection.stopReading()
                    try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                    stalled.append(connection)
                }
                try await upstream.arrival(of: 201)
                try await Task.sleep(for: .seconds(2))
                let grown = try gateway.residentMegabytes - before
                #expect(grown < 350, "\(grown) MB for 200 clients")
                let began = ContinuousClock.now
                #expect(try await gateway.stream("quick 1").streamedContent == "quick")
                #expect(ContinuousClock.now - began < .seconds(5))
                // A client that resumes reading gets all of it.
                try await stalled[0].readOn()
                let response = try await stalled[0].readResponse()
                #expect(response.events.last == "[DONE]" && response.streamedContent.utf8.count == 16_000_000)
            }
        }

        @Test("A client that stops reading holds up nobody who follows the same stream")
        func follower() async throws {
            try await withGateway { gateway, upstream async throws in
                let answer = Self.long(1_800)
                upstream.answer(with: answer)
                let slow = try await gateway.connect()
                let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"long"}],"stream":true}"#
                try await slow.stopReading()
                try await slow.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                try await upstream.arrival(of: 1)
                let quick = try await gateway.stream("long")
                #expect(quick.streamedContent.utf8.count == 3_600_000 && quick.events.last == "[DONE]")
                try await slow.readOn()
                let response = try await slow.readResponse()
                #expect(response.body == quick.body)
                #expect(upstream.calls == 1)
            }
        }
    }
}
