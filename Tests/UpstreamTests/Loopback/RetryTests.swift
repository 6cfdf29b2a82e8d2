import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
private func answer(_ status: Int, _ fields: String = "") -> String {
    "HTTP/1.1 \(status) X\r\n\(fields)content-length: 4\r\n\r\nfail"
}

@Suite("A request that fails")
struct RetryTests {
    @Test("goes to the other deployment", arguments: [408, 429, 500, 503])
    func otherDeployment(status: Int) async throws {
        let bad = try await ScriptedServer.start([.receive, .send(answer(status)), .receive, .send(answer(status))])
        let good = try await ScriptedServer.start([.receive, .send(ok), .receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let group = try group(at: [bad.port, good.port], numRetries: 1)
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
    }

    @Test("goes to the other deployment when nobody listens at the first")
    func connectionRefused() async throws {
        let bad = try await ScriptedServer.start([.hang])
        let good = try await ScriptedServer.start(
            [.receive, .send(ok), .receive, .send(ok), .receive, .send(ok), .receive, .send(ok), .hang])
        let group = try group(at: [bad.port, good.port], numRetries: 1)
        try await bad.stop()
        let client = try await Loopback.start()
        for _ in 0..<4 { #expect(try await client.send(to: group).body == "{}") }
    }

    @Test("is delivered as it is once the attempts are used up")
    func usedUp() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send(answer(503, "retry-after: 0\r\n")), .receive, .send(answer(503, "retry-after: 0\r\n")),
            .hang,
        ])
        let recording = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 1))
        #expect(recording.head?.status == 503)
        #expect(recording.head?.fields.first("retry-after") == "0")
        #expect(recording.body == "fail")
        #expect(recording.error == nil)
        #expect(server.requests.count == 2)
        // The first answer was received completely, so that its connection served the second request as well.
        #expect(server.connections == 1)
    }

    @Test("is tried at the same deployment after a pause if there is no other")
    func sameDeployment() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send(answer(429, "retry-after-ms: 15\r\n")), .receive, .send(ok), .hang,
        ])
        let recording = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 2))
        #expect(recording.body == "{}")
        #expect(recording.retries == 1)
    }

    @Test("is not repeated if the server asks for a longer pause than is waited for")
    func longRetryAfter() async throws {
        let server = try await ScriptedServer.start([.receive, .send(answer(429, "retry-after: 60\r\n")), .hang])
        let recording = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 2))
        #expect(recording.head?.status == 429)
        #expect(server.requests.count == 1)
    }

    @Test("closes the connection of an unwanted answer that has not arrived in full")
    func unwantedAnswer() async throws {
        let server = try await ScriptedServer.start(
            [.receive, .send("HTTP/1.1 500 X\r\nretry-after: 0\r\ncontent-length: 9\r\n\r\nunwant"), .hang],
            [.receive, .send(ok), .hang]
        )
        let recording = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 1))
        #expect(recording.body == "{}")
        try await server.until { $0.closed == 1 }
    }
}

@Suite("A request that takes too long")
struct TimeoutTests {
    private let clock = ManualClock()

    @Test("is given up when the whole answer does not come in time, and its connection closed")
    func total() async throws {
        let server = try await ScriptedServer.start([.receive, .hang])
        let client = try await Loopback.start(clock: clock)
        async let answer = client.send(to: try group(at: [server.port], numRetries: 1, timeout: .seconds(30)))
        try await server.until { $0.requests.count == 1 }
        clock.advance(by: .seconds(31))
        #expect(try await answer.error?.kind == .timedOut(.total))
        #expect(try await answer.error?.suggestedStatus == 504)
        try await server.until { $0.closed == 1 }
        #expect(server.requests.count == 1)
    }

    @Test("has no more time than it says itself")
    func ownTimeout() async throws {
        let server = try await ScriptedServer.start([.receive, .hang])
        let client = try await Loopback.start(clock: clock)
        async let answer = client.send(to: try group(at: [server.port], numRetries: 1), timeout: .seconds(3))
        try await server.until { $0.requests.count == 1 }
        clock.advance(by: .seconds(4))
        #expect(try await answer.error?.kind == .timedOut(.total))
    }

    @Test("is cut off when the rest of the answer does not come in time")
    func totalInBody() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), .hang,
        ])
        let client = try await Loopback.start(clock: clock)
        let answer = try await client.send(to: try group(at: [server.port], timeout: .seconds(30))) { event, _ in
            if event == .body { clock.advance(by: .seconds(31)) }
        }
        #expect(answer.body == "half")
        #expect(answer.error?.kind == .timedOut(.total))
    }

    @Test("goes to another deployment when a stream does not begin in time")
    func firstByte() async throws {
        let slow = try await ScriptedServer.start([.receive, .hang])
        let good = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start(clock: clock)
        let group = try group(at: [slow.port, good.port], numRetries: 1, streamTimeout: .seconds(5))
        // The other one rests, so that the slow one is tried first.
        group.deployments[1].health.record(.overloaded(retryAfter: nil), now: clock.now)
        async let answer = client.send(to: group, isStream: true)
        try await slow.until { $0.requests.count == 1 }
        clock.advance(by: .seconds(6))
        #expect(try await answer.body == "{}")
        try await slow.until { $0.closed == 1 }
    }

    @Test("is cut off when a stream pauses for too long, but not before")
    func idle() async throws {
        let gates = [ScriptedServer.Gate(), ScriptedServer.Gate()]
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"), .wait(gates[0]),
            .send("2\r\ncd\r\n"), .wait(gates[1]), .send("2\r\nef\r\n"), .hang,
        ])
        let client = try await Loopback.start(clock: clock)
        let group = try group(at: [server.port], timeout: .seconds(8), streamTimeout: .seconds(5))
        let reads = Counter()
        let answer = try await client.send(to: group, isStream: true) { event, _ in
            guard event == .readComplete else { return }
            let read = reads.next()
            clock.advance(by: .seconds(read <= 2 ? 4 : 6))
            client.tick()
            if read <= 2 { gates[read - 1].open() }
        }
        #expect(answer.body == "abcdef")
        #expect(answer.error?.kind == .timedOut(.idle))
    }

    @Test("is given up when the TLS handshake does not end in time")
    func handshake() async throws {
        let server = try await ScriptedServer.start([.hang])
        let client = try await Loopback.start(UpstreamConfiguration(connectTimeout: .seconds(5)), clock: clock)
        async let answer = client.send(to: try group(at: [server.port], scheme: "https"))
        try await server.until { $0.connections == 1 }
        clock.advance(by: .seconds(6))
        #expect(try await answer.error?.kind == .timedOut(.connecting))
        try await server.until { $0.closed == 1 }
    }
}
