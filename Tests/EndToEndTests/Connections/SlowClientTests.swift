import Foundation
import NIOCore
import Testing

extension OneAtATime {
    /// Clients that are slow, on purpose or not.
    @Suite("Slow clients", .timeLimit(.minutes(2)))
    struct SlowClientTests {
        private static let limits = """
            general_settings:
              request_head_timeout: 1
              request_body_timeout: 2
              request_body_rate: 1KB
              keepalive_timeout: 3
              stalled_client_timeout: 3

            """
        private static let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"

        /// Sends a byte at intervals, until the gateway closes the connection.
        /// - Returns: the gateway's answer.
        private func drip(_ text: String, then byte: String, to gateway: GatewayProcess) async throws -> String {
            let client = try SlowClient(port: gateway.port)
            try client.send(text)
            let dripping = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(100))
                    try client.send(byte)
                }
            }
            defer { dripping.cancel() }
            return try await offThread { client.receiveAll().start }
        }

        @Test(
            "A request that does not arrive in time is answered 408, however steadily its bytes drip in",
            arguments: [
                ("a head without an end", head, "X"), ("a slow body", head + "Content-Length: 5000\r\n\r\n", " "),
                ("slow chunks", head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
            ]
        )
        func drips(name: String, start: String, byte: String) async throws {
            try await withGateway(Configurations.local + Self.limits) { gateway, _ async throws in
                let began = ContinuousClock.now
                let response = try await drip(start, then: byte, to: gateway)
                #expect(response.hasPrefix("HTTP/1.1 408 "), "\(name): \(response)")
                #expect(response.contains("connection: close\r\n"))
                #expect(response.contains(#""code":"request_timeout""#))
                #expect(ContinuousClock.now - began > .milliseconds(900))
            }
        }

        @Test(
            "A request that stalls is answered 408",
            arguments: [
                "GET /v1/mod", head + "Content-Length: 10\r\n\r\n{", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            ]
        )
        func stalls(text: String) async throws {
            try await withGateway(Configurations.local + Self.limits) { gateway, _ async throws in
                let connection = try await gateway.connect()
                // A second request has the same time limit as the first.
                try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await connection.readResponse().status == 200)
                try await connection.send(text)
                let response = try await connection.readResponse()
                #expect(response.status == 408)
                #expect(response["connection"] == "close")
                #expect(await connection.readEnd())
            }
        }

        @Test("A connection on which nothing comes is closed without a word")
        func silence() async throws {
            try await withGateway(Configurations.local + Self.limits) { gateway, _ async throws in
                #expect(await (try gateway.connect()).readEnd())
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await connection.readResponse().status == 200)
                #expect(await connection.readEnd())
            }
        }

        @Test("A body that comes slowly, but at more than the least rate, is a request")
        func steadyBody() async throws {
            try await withGateway(Configurations.local + Self.limits) { gateway, _ async throws in
                let connection = try await gateway.connect()
                let text = String(repeating: "word ", count: 2_000)
                let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(text)"}]}"#
                try await connection.send(Self.head + "Content-Length: \(body.utf8.count)\r\n\r\n")
                var rest = Substring(body)
                while !rest.isEmpty {
                    try await connection.send(String(rest.prefix(500)))
                    rest = rest.dropFirst(500)
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(try await connection.readResponse().content == "answer 1")
            }
        }

        @Test("A stream that nobody reads is closed, and releases its connection to the model")
        func unreadStream() async throws {
            let configuration = Configurations.cached("type: local\nmax_entry_size: 64KB\non_disconnect: cancel")
            try await withGateway(configuration + Self.limits) { gateway, upstream async throws in
                let words = Array(repeating: String(repeating: "x", count: 2_000), count: 16_000)
                upstream.answer(with: .chatStream(words))
                let before = try gateway.openDescriptors
                let client = try SlowClient(port: gateway.port, receiveBuffer: 16_384)
                let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"long"}],"stream":true}"#
                try client.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                try await upstream.arrival(of: 1)
                try await eventually("both connections are open") { try gateway.openDescriptors >= before + 2 }
                try await eventually("both connections are closed") { try gateway.openDescriptors <= before }
            }
        }
    }
}

/// Legitimate clients that read slowly get everything.
extension OneAtATime {
    @Suite("Slow readers", .timeLimit(.minutes(2)))
    struct SlowReaderTests {
        private static let size = 7_500_000
        private static let cached = Configurations.cached("type: local\nmax_item_size: 32MB\nmax_entry_size: 32MB")

        private static func chat(_ fields: String = "") -> String {
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"large"}]}"#
            return
                "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        /// Runs a gateway that has the whole answer in its cache, so that all of it is queued at once.
        ///
        /// - Parameter limits: lines of general_settings.
        private func withLargeAnswer(
            _ limits: String = "",
            _ body: (GatewayProcess) async throws -> Void
        ) async throws {
            let settings = limits.isEmpty ? "" : "general_settings:\n\(limits)"
            try await withGateway(Self.cached + settings) { gateway, upstream async throws in
                upstream.answer(with: .chat(String(repeating: "z", count: Self.size)))
                let client = try SlowClient(port: gateway.port)
                try client.send(Self.chat("Connection: close\r\n"))
                let answer = try await offThread { client.receiveAll() }
                #expect(answer.count > Self.size, "\(answer.count) bytes")
                try await body(gateway)
                #expect(upstream.calls == 1)
            }
        }

        @Test("`Connection: close` at two megabytes a second receives all of 7.5 megabytes")
        func closing() async throws {
            try await withLargeAnswer { gateway in
                let client = try SlowClient(port: gateway.port, receiveBuffer: 65_536)
                try client.send(Self.chat("Connection: close\r\n"))
                let answer = try await offThread { client.receiveAll(40_000, pause: .milliseconds(20)) }
                #expect(answer.start.hasPrefix("HTTP/1.1 200 ") && answer.start.contains("gateway; hit"))
                #expect(answer.count > Self.size && answer.isOrderly, "\(answer.count) bytes")
            }
        }

        @Test("A slow reader is not taken for an idle one, nor for one that stalls, and its connection serves on")
        func keepAlive() async throws {
            try await withLargeAnswer("  keepalive_timeout: 1\n  stalled_client_timeout: 2\n") { gateway in
                let client = try SlowClient(port: gateway.port, receiveBuffer: 65_536)
                try client.send(Self.chat())
                let statuses = try await offThread { try client.receiveAnswers(1, 40_000, pause: .milliseconds(20)) }
                #expect(statuses == [200])
                try client.send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await offThread { try client.receiveAnswers(1) } == [200])
            }
        }

        @Test("SIGTERM waits until the client has received what was queued")
        func stopping() async throws {
            try await withLargeAnswer { gateway in
                let client = try SlowClient(port: gateway.port, receiveBuffer: 65_536)
                try client.send(Self.chat())
                // The answer has begun, and most of it is with the gateway or the system.
                let first = try await offThread { try client.receive(upTo: 40_000) }
                try await Task.sleep(for: .seconds(1))
                gateway.terminate()
                let answer = try await offThread { client.receiveAll(40_000, pause: .milliseconds(20)) }
                #expect(first.count + answer.count > Self.size && answer.isOrderly, "\(answer.count) bytes")
                #expect(try await gateway.status == 0)
            }
        }
    }
}
