import Foundation
import Testing

extension OneAtATime {
    /// More connections than the gateway keeps open.
    @Suite("Connection limits", .timeLimit(.minutes(2)))
    struct ConnectionLimitTests {
        private static func limited(_ limits: String) -> String {
            Configurations.local + "general_settings:\n" + limits.split(separator: "\n").map { "  \($0)\n" }.joined()
        }

        /// Opens connections, each of which receives one answer.
        private func open(_ count: Int, to gateway: GatewayProcess) async throws -> [Connection] {
            var connections: [Connection] = []
            for _ in 0..<count {
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await connection.readResponse().status == 200)
                connections.append(connection)
            }
            return connections
        }

        @Test(
            "A connection over the limit is answered 503 with Retry-After and closed; one that is closed makes room",
            arguments: ["max_connections: 3\nmax_connections_per_address: 9", "max_connections_per_address: 3"]
        )
        func limits(text: String) async throws {
            try await withGateway(Self.limited(text)) { gateway, _ async throws in
                // The harness' own connection, with which it found that the gateway is up, is closed by now or soon.
                var connections: [Connection] = []
                try await eventually("three connections are open") {
                    connections = try await open(3, to: gateway)
                    return true
                }
                let refused = try await gateway.get("/v1/models")
                #expect(refused.status == 503)
                #expect(refused["retry-after"] == "1")
                #expect(refused["connection"] == "close")
                #expect(refused.json["error"]["code"].string == "too_many_connections")
                // A connection that sends nothing is also refused with an answer.
                let silent = try await gateway.connect()
                #expect(try await silent.readResponse().status == 503)
                #expect(await silent.readEnd())
                // Open connections are still served.
                try await connections[0].send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await connections[0].readResponse().status == 200)
                try await connections[1].close()
                try await eventually("there is room again") { try await gateway.get("/v1/models").status == 200 }
                #expect(gateway.log.split(separator: "\n").count { $0.contains("connections are refused") } == 1)
                connections.removeAll()
            }
        }

        @Test(
            "At the limit of descriptors accepting pauses: no loop spins, one line says so, and open connections are served"
        )
        func descriptors() async throws {
            // Even the reserve is used up, so that no connection to the model can be opened.
            let configuration = Self.limited("max_connections: 10000\nmax_connections_per_address: 10000")
            let gateway = try await GatewayProcess.start(
                configuration.replacingOccurrences(of: "UPSTREAM", with: "http://127.0.0.1:9"),
                descriptorLimit: 80
            )
            let first = try await gateway.connect()
            var others: [SlowClient] = []
            for _ in 0..<90 { others.append(try SlowClient(port: gateway.port)) }
            #expect(try await gateway.logged(#/no connection can be accepted: too many open files/#))
            let before = try gateway.processorSeconds
            try await Task.sleep(for: .seconds(2))
            let spent = try gateway.processorSeconds - before
            #expect(spent < 0.5, "\(spent) s of processor time in 2 s")
            try await first.send(GatewayProcess.request("GET", "/v1/models", nil))
            #expect(try await first.readResponse().status == 200)
            others.removeAll()
            try await eventually("connections are accepted again") { try await gateway.get("/v1/models").status == 200 }
            try await Task.sleep(for: .seconds(6))
            _ = try await gateway.get("/v1/models")
            #expect(try await gateway.logged(#/connections are accepted again/#))
            #expect(gateway.log.split(separator: "\n").count { $0.contains("no connection can be accepted") } == 1)
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }

        @Test("With few descriptors clients leave a reserve: a flood of connections costs nobody the call to a model")
        func reserve() async throws {
            let upstream = try await RecordingUpstream.start()
            let gateway = try await GatewayProcess.start(
                Self.limited("max_connections_per_address: 1000")
                    .replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                descriptorLimit: 160
            )
            let first = try await open(1, to: gateway)[0]
            let flood = try (0..<200).map { _ in try SlowClient(port: gateway.port) }
            try await Task.sleep(for: .milliseconds(500))
            for number in 0..<5 {
                let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(number)"}]}"#
                try await first.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                #expect(try await first.readResponse().content == "answer \(number + 1)")
            }
            #expect(!gateway.log.contains("no connection can be accepted"))
            #expect(gateway.log.contains("connections are refused"))
            withExtendedLifetime(flood) {}
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }

        @Test("The soft limit of descriptors is raised to the hard one")
        func raised() async throws {
            let gateway = try await GatewayProcess.start(
                Configurations.local.replacingOccurrences(of: "UPSTREAM", with: "http://127.0.0.1:9"),
                descriptorLimit: 500,
                softDescriptorLimit: 100
            )
            let limits = try String(contentsOfFile: "/proc/\(gateway.processIdentifier)/limits", encoding: .utf8)
            let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") } ?? ""
            #expect(line.split(separator: " ").dropFirst(3).prefix(2) == ["500", "500"], "\(line)")
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }
}
