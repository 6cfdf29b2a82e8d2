import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

@Suite("A request over a connection")
struct ExchangeTests {
    @Test("goes out as one well-formed message with the deployment's model, key and host")
    func request() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let answer = try await client.send(
            to: try group(at: [server.port]),
            headers: [
                ("x-request-id", "7"), ("authorization", "Bearer gateway-key"), ("connection", "close"),
                ("x-bad", "a\r\nx-injected: 1"), ("bad name", "x"), ("content-length", "0"),
            ]
        )
        #expect(answer.error == nil)
        #expect(answer.head?.status == 200)
        #expect(answer.head?.contentLength == 2)
        #expect(answer.body == "{}")
        let body = #"{"model":"real-model","messages":[]}"#
        #expect(
            server.requests == [
                "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\n"
                    + "authorization: Bearer sk-test\r\ncontent-type: application/json\r\nx-request-id: 7\r\n"
                    + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
            ]
        )
    }

    @Test("uses the connection of the request before")
    func keepAlive() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
        #expect(server.connections == 1)
        #expect(try await client.onLoop { $0.idleConnections } == 1)
    }

    @Test(
        "opens a new connection after an answer that ends the old one",
        arguments: [
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        ]
    )
    func closes(answer: String) async throws {
        let server = try await ScriptedServer.start([.receive, .send(answer), .hang])
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
        #expect(server.connections == 2)
        try await server.until { $0.closed == 2 }
    }

    @Test("reads a body that ends with the connection")
    func untilClose() async throws {
        let server = try await ScriptedServer.start([.receive, .send("HTTP/1.1 200 OK\r\n\r\nall of it"), .close])
        let answer = try await Loopback.start().send(to: try group(at: [server.port]))
        #expect(answer.error == nil)
        #expect(answer.body == "all of it")
        #expect(answer.head?.contentLength == nil)
    }

    @Test("reads an answer that comes byte by byte, with interim answers and chunks")
    func byteByByte() async throws {
        let server = try await ScriptedServer.start([
            .receive,
            .sendByteByByte(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: v\r\n\r\n"
            ),
            .receive, .send(ok), .hang,
        ])
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        let answer = try await client.send(to: group)
        #expect(answer.head?.status == 200)
        #expect(answer.head?.fields.list.isEmpty == true)
        #expect(answer.body == "abcde")
        #expect(try await client.send(to: group).body == "{}")
        #expect(server.connections == 1)
    }

    @Test("passes an error answer on as it is, with its end-to-end fields only")
    func errorAnswer() async throws {
        let server = try await ScriptedServer.start([
            .receive,
            .send(
                "HTTP/1.1 404 Not Found\r\nx-ratelimit-remaining: 3\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\n"
                    + "keep-alive: timeout=5\r\nset-cookie: a=b\r\nstrict-transport-security: max-age=1\r\n"
                    + "alt-svc: h3\r\nContent-Length: 4\r\n\r\nnope"
            ),
            .hang,
        ])
        let answer = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 3))
        #expect(answer.head?.status == 404)
        #expect(answer.head?.fields.list.map(\.name) == ["x-ratelimit-remaining"])
        #expect(answer.body == "nope")
        #expect(server.requests.count == 1)
    }

    @Test(
        "refuses what is not HTTP/1.1 and never uses that connection again",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nbad\r\n\r\n",
            "HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            "HTTP/1.1 099 What\r\ncontent-length: 0\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 200 OK\r\nx: (70 kB)\r\n\r\n",
        ]
    )
    func malformed(answer: String) async throws {
        let answer = answer.replacing("(70 kB)", with: String(repeating: "y", count: 70_000))
        let server = try await ScriptedServer.start([.receive, .send(answer), .hang])
        let client = try await Loopback.start()
        let recording = try await client.send(to: try group(at: [server.port]))
        #expect(recording.head == nil)
        #expect(recording.error?.kind == .protocolViolation)
        try await server.until { $0.closed == 1 }
        #expect(try await client.onLoop { $0.idleConnections } == 0)
    }

    @Test("has no line break in a field, even if the upstream folds one")
    func folded() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\nx-a: 1\r\n x-b: 2\r\ncontent-length: 0\r\n\r\n"), .hang,
        ])
        let answer = try await Loopback.start().send(to: try group(at: [server.port]))
        let values = answer.head?.fields.list.map(\.value) ?? []
        #expect(values.allSatisfy { !$0.utf8.contains(10) && !$0.utf8.contains(13) })
    }

    @Test("has an answer without a body for 204, whatever its length field says")
    func noContent() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n"), .hang,
        ])
        let answer = try await Loopback.start().send(to: try group(at: [server.port]))
        #expect(answer.head?.contentLength == 0)
        #expect(answer.error == nil)
    }

    @Test("cuts the answer off at a bad chunk")
    func badChunk() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"),
            .send("zz\r\nxx\r\n"), .hang,
        ])
        let client = try await Loopback.start()
        let answer = try await client.send(to: try group(at: [server.port], numRetries: 2))
        #expect(answer.head?.status == 200)
        #expect(answer.body == "ab")
        #expect(answer.error?.kind == .protocolViolation)
        #expect(server.requests.count == 1)
        try await server.until { $0.closed == 1 }
    }

    @Test("does not take bytes that follow an answer for the next one")
    func surplus() async throws {
        let server = try await ScriptedServer.start(
            [.receive, .send(ok + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen"), .hang],
            [.receive, .send(ok), .hang]
        )
        let client = try await Loopback.start()
        let group = try group(at: [server.port])
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
        #expect(server.connections == 2)
    }

    @Test(
        "says that the connection ended too early",
        arguments: [
            [.receive, .close], [.receive, .reset], [.receive, .send("HTTP/1.1 200 OK\r\ncontent-le"), .close],
        ] as [[ScriptedServer.Step]]
    )
    func closedEarly(script: [ScriptedServer.Step]) async throws {
        let server = try await ScriptedServer.start(script)
        let answer = try await Loopback.start().send(to: try group(at: [server.port]))
        #expect(answer.head == nil)
        #expect(answer.error?.kind == .closedEarly)
        #expect(server.requests.count == 1)
    }

    @Test("cuts the answer off when the connection ends in its body, and asks nobody else")
    func closedInBody() async throws {
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), .close,
        ])
        let answer = try await Loopback.start().send(to: try group(at: [server.port], numRetries: 3))
        #expect(answer.body == "half")
        #expect(answer.error?.kind == .closedEarly)
        #expect(server.requests.count == 1)
    }

    @Test("names the server that nobody listens at")
    func refused() async throws {
        let reserved = try ReservedPort()
        let answer = try await Loopback.start().send(to: try group(at: [reserved.port]))
        #expect(answer.error?.kind == .connectFailed)
        #expect(answer.error?.description.contains("127.0.0.1:\(reserved.port): Connection refused") == true)
    }
}
