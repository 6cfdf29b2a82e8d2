import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

@Suite("A connection that is kept")
struct ReuseTests {
    @Test("is forgotten when the server closes it while nobody uses it")
    func closedWhileIdle() async throws {
        let gate = ScriptedServer.Gate()
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .wait(gate), .close],
            [.receive, .send(ok), .hang]
        )
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        _ = try await client.send(to: group)
        gate.open()
        while try await client.onLoop({ $0.idleConnections }) > 0 { await Task.yield() }
        #expect(try await client.send(to: group).body == "{}")
        #expect(server.connections == 2)
        #expect(server.requests.count == 2)
    }

    @Test("is replaced by a new one when it dies as the next request is sent, and the request is sent again")
    func staleRetry() async throws {
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .receive, .reset],
            [.receive, .send(ok), .hang]
        )
        let client = try await Loopback.start()
        let group = try group(at: [server.port], numRetries: 0)
        _ = try await client.send(to: group)
        let answer = try await client.send(to: group)
        #expect(answer.error == nil)
        #expect(answer.body == "{}")
        #expect(answer.retries == 0)
        #expect(server.requests.count == 3)
    }

    @Test("is replaced only once: if the new one dies too, that is an error")
    func staleOnce() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .receive, .close], [.receive, .close])
        let client = try await Loopback.start()
        let group = try group(at: [server.port], numRetries: 0)
        _ = try await client.send(to: group)
        #expect(try await client.send(to: group).error?.kind == .closedEarly)
        #expect(server.requests.count == 3)
    }

    @Test("is not replaced once a byte of the answer has come")
    func notAfterAByte() async throws {
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .receive, .send("H"), .close],
            [.receive, .send(ok), .hang]
        )
        let client = try await Loopback.start()
        let group = try group(at: [server.port], numRetries: 0)
        _ = try await client.send(to: group)
        #expect(try await client.send(to: group).error?.kind == .closedEarly)
        #expect(server.requests.count == 2)
    }

    @Test("is closed once it has been unused for long enough")
    func idleTimeout() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start(UpstreamConfiguration(idleConnectionTimeout: .milliseconds(20)))
        _ = try await client.send(to: try group(at: [server.port]))
        try await server.until { $0.closed == 1 }
        #expect(try await client.onLoop { $0.idleConnections } == 0)
    }

    @Test("is closed by a shutdown, after which requests are refused")
    func shutdown() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        _ = try await client.send(to: group)
        try await client.onLoop { $0.shutdown() }
        try await server.until { $0.closed == 1 }
        #expect(try await client.send(to: group).error?.kind == .shutDown)
    }

    @Test("is closed by cancelling, so that no answer is left for another request")
    func cancel() async throws {
        let server = try await ScriptedServer.start(
            [.receive, .send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), .hang],
            [.receive, .send(ok), .hang]
        )
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        let cancelled = client.eventLoop.makePromise(of: Void.self)
        client.start(to: group) { event, call in
            guard event == .body else { return }
            call.cancel()
            call.cancel()
            cancelled.succeed()
        }
        try await cancelled.futureResult.get()
        try await server.until { $0.closed == 1 }
        #expect(try await client.send(to: group).body == "{}")
        #expect(server.connections == 2)
    }

    @Test("reads no more while the call is paused, and all of it afterwards")
    func backPressure() async throws {
        let size = 4_000_000
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ncontent-length: \(size)\r\n\r\n" + String(repeating: "x", count: size)),
            .hang,
        ])
        let other = try await ScriptedServer.start([.receive, .send(ok), .close])
        let client = try await Loopback.start()
        let reads = Counter()
        let paused = client.eventLoop.makePromise(of: NIOLoopBound<UpstreamCall>.self)
        let (group, others) = (try group(at: [server.port]), try group(at: [other.port]))
        async let answer = client.send(to: group) { event, call in
            if event == .head { call.pauseReading() }
            if event == .readComplete, reads.next() == 1 {
                paused.succeed(NIOLoopBound(call, eventLoop: client.eventLoop))
            }
        }
        let call = try await paused.futureResult.get()
        // Meanwhile the same loop reads other answers.
        for _ in 0..<5 { _ = try await client.send(to: others) }
        #expect(reads.count == 1)
        try await client.onLoop { _ in call.value.resumeReading() }
        #expect(try await answer.body.utf8.count == size)
        #expect(reads.count > 1)
    }
}
