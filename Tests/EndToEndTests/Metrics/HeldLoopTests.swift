import Foundation
import Testing

@Suite("Metrics of a gateway one of whose event loops is held", .timeLimit(.minutes(1)))
struct HeldLoopTests {
    @Test("A scrape waits a second for it, says so, and no counter goes back")
    func late() async throws {
        let upstream = try await RecordingUpstream.start()
        let folder = try await MisbehaviourTests.plugin.value
        let gateway = try await GatewayProcess.start(
            Configurations.cached("type: misbehaving\nbehaviour: \"hang in get\"")
                .replacingOccurrences(of: "UPSTREAM", with: upstream.url),
            arguments: ["--loops", "2"],
            plugins: folder.url
        )
        // Connections that are open before, since a loop that is held accepts none.
        let (ready, isHeld, first) = (Observed(0), Observed(false), Observed<Response?>(nil))
        for _ in 0..<8 {
            Task {
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
                _ = try await connection.readResponse()
                ready.update { $0 += 1 }
                _ = try await isHeld.first { $0 }
                try await connection.send(GatewayProcess.request("GET", "/metrics", nil))
                let response = try await connection.readResponse()
                first.update { $0 = $0 ?? response }
            }
        }
        _ = try await ready.first { $0 == 8 }
        #expect(try await gateway.scrape().value("gateway_scrape_late_loops") == 0)
        let question = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}]}"#
        let holding = try await gateway.connect()
        try await holding.send(GatewayProcess.request("POST", "/v1/chat/completions", question))
        #expect(try await gateway.logged(#/has held an event loop in get/#))
        let began = ContinuousClock.now
        isHeld.update { $0 = true }
        let answer = try await first.first { $0 != nil }
        let took = began.duration(to: .now)
        kill(gateway.processIdentifier, SIGKILL)
        let scrape = try Scrape(answer?.text ?? "")
        #expect(took < .seconds(5), "\(took)")
        #expect(scrape.value("gateway_scrape_late_loops") == 1)
        #expect(scrape.sum("gateway_requests_total", ["endpoint": "/v1/models"]) == 8)
    }
}
