import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
private func answer(_ status: Int, _ body: String) -> String {
    "HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
}

@Suite("A request whose model fails")
struct FallbackTests {
    @Test("goes to the fallback once all attempts are used up, and says so in the head")
    func failure() async throws {
        let bad = try await ScriptedServer.start([.receive, .send(answer(500, "a")), .hang])
        let good = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let fallback = try group(at: [good.port], numRetries: 0)
        let recording = try await Loopback.start().send(
            to: try group(at: [bad.port], numRetries: 0),
            fallbacks: Fallbacks(onFailure: [fallback])
        )
        #expect(recording.head?.status == 200)
        #expect(recording.head?.isFromFallback == true)
        #expect(recording.body == "{}")
        #expect(recording.deployment == fallback.deployments.first?.id)
    }

    @Test("gets the last failure where every fallback fails too, and no earlier one is delivered")
    func allFail() async throws {
        let bad = try await ScriptedServer.start([.receive, .send(answer(500, "a")), .hang])
        let worse = try await ScriptedServer.start([.receive, .send(answer(503, "b")), .hang])
        let gone = try await ScriptedServer.start([.hang])
        let first = try group(at: [gone.port], numRetries: 0)
        try await gone.stop()
        let recording = try await Loopback.start().send(
            to: try group(at: [bad.port], numRetries: 0),
            fallbacks: Fallbacks(onFailure: [
                first, try group(at: [worse.port], numRetries: 0),
            ])
        )
        #expect(recording.head?.status == 503)
        #expect(recording.body == "b")
        #expect(recording.error == nil)
    }

    @Test("with too many tokens goes to the fallback for that, and any other refusal is delivered as it is")
    func contextWindow() async throws {
        let long = #"{"error":{"code":"context_length_exceeded"}}"#
        let small = try await ScriptedServer.start([
            .receive, .send(answer(400, long)), .receive, .send(answer(400, #"{"error":{"code":"other"}}"#)), .hang,
        ])
        let large = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let model = try group(at: [small.port], numRetries: 0)
        let fallbacks = Fallbacks(onContextWindow: [try group(at: [large.port])])
        let client = try await Loopback.start()
        let first = try await client.send(to: model, fallbacks: fallbacks)
        #expect(first.head?.status == 200)
        #expect(first.head?.isFromFallback == true)
        let second = try await client.send(to: model, fallbacks: fallbacks)
        #expect(second.head?.status == 400)
        #expect(second.head?.isFromFallback == false)
        #expect(second.body == #"{"error":{"code":"other"}}"#)
        // The connection was read to the end of the answer, so that it served both requests.
        #expect(small.connections == 1)
    }

    @Test("is not sent again once a part of an answer was delivered")
    func begun() async throws {
        let bad = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), .close,
        ])
        let good = try await ScriptedServer.start([.hang])
        let recording = try await Loopback.start().send(
            to: try group(at: [bad.port], numRetries: 0),
            fallbacks: Fallbacks(onFailure: [try group(at: [good.port])])
        )
        #expect(recording.error?.kind == .closedEarly)
        #expect(good.requests.isEmpty)
    }

    @Test("delivers a refusal that is too long to be held back")
    func longRefusal() async throws {
        let body = String(repeating: "x", count: FallbackState.longestHeld + 10)
        let server = try await ScriptedServer.start([.receive, .send(answer(400, body)), .hang])
        let recording = try await Loopback.start().send(
            to: try group(at: [server.port], numRetries: 0),
            fallbacks: Fallbacks(onContextWindow: [try group(at: [server.port])])
        )
        #expect(recording.head?.status == 400)
        #expect(recording.body == body)
    }
}
