import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

/// Models of one group, whose deployments are servers on this machine.
private func directory(at ports: [Int]) throws -> ModelDirectory {
    let descriptions = ports.map {
        DeploymentDescription(
            modelName: "m",
            model: "openai/real-model",
            apiBase: "http://127.0.0.1:\($0)/v1",
            apiKey: "sk-test"
        )
    }
    let (directory, problems) = ModelDirectory.make(
        descriptions,
        defaults: DeploymentDefaults(numRetries: 0),
        calls: Calls.table,
        environment: { _ in nil }
    )
    guard problems.isEmpty else { throw Unexpected(problems.description) }
    return directory
}

@Suite("A client that adopts a configuration")
struct AdoptionTests {
    @Test("closes the unused connections to removed deployments, and goes on with those to the others")
    func unused() async throws {
        let removed = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let kept = try await ScriptedServer.start([.receive, .send(ok), .receive, .send(ok), .hang])
        let client = try await Loopback.start()
        for port in [removed.port, kept.port] { _ = try await client.send(to: try group(at: [port])) }
        #expect(try await client.onLoop { $0.idleConnections } == 2)
        let models = try directory(at: [kept.port])
        try await client.onLoop { $0.adopt($0.configuration, serving: models.groups) }
        try await removed.until { $0.closed == 1 }
        #expect(try await client.onLoop { $0.idleConnections } == 1)
        let group = try #require(models.group(named: "m"))
        #expect(try await client.send(to: group).body == "{}")
        #expect(kept.connections == 1)
        #expect(kept.seen.closed == 0)
    }

    @Test("closes a connection to a removed deployment when the call that uses it ends, which is not disturbed")
    func used() async throws {
        let gate = ScriptedServer.Gate()
        let server = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab"), .wait(gate), .send("cd"), .hang,
        ])
        let client = try await Loopback.start()
        let none = try directory(at: [])
        let head = client.eventLoop.makePromise(of: Void.self)
        async let answer = client.send(to: try group(at: [server.port])) { event, _ in
            if event == .head { head.succeed() }
        }
        try await head.futureResult.get()
        try await client.onLoop { $0.adopt($0.configuration, serving: none.groups) }
        #expect(server.seen.closed == 0)
        gate.open()
        #expect(try await answer.body == "abcd")
        try await server.until { $0.closed == 1 }
    }

    @Test("closes the connection of a later call to a removed deployment as well")
    func late() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let none = try directory(at: [])
        try await client.onLoop { $0.adopt($0.configuration, serving: none.groups) }
        #expect(try await client.send(to: try group(at: [server.port])).body == "{}")
        try await server.until { $0.closed == 1 }
        #expect(try await client.onLoop { $0.idleConnections } == 0)
    }

    @Test("closes every unused connection where other authorities are trusted")
    func otherAuthorities() async throws {
        let server = try await ScriptedServer.start([.receive, .send(ok), .hang], [.receive, .send(ok), .hang])
        let client = try await Loopback.start()
        let models = try directory(at: [server.port])
        let group = try #require(models.group(named: "m"))
        _ = try await client.send(to: group)
        try await client.onLoop { client in
            var configuration = client.configuration
            configuration.tls = UpstreamTLS(trustRootsFile: "/etc/other.pem")
            client.adopt(configuration, serving: models.groups)
        }
        try await server.until { $0.closed == 1 }
        #expect(try await client.send(to: group).body == "{}")
        #expect(server.connections == 2)
    }
}
