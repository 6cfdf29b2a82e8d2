import Foundation
import Testing

/// How the gateway stops: what its options say, and what becomes of that which is not done yet.
@Suite("The stop of a gateway", .timeLimit(.minutes(1)))
struct StopTests {
    @Test("--shutdown-delay wins over drain_delay: readiness says 503 while everything is served, then it ends")
    func delay() async throws {
        let service = try Service(
            Mock.configuration + "general_settings: {drain_delay: 1h}\n",
            ["--port", "0", "--shutdown-delay", "700ms"]
        )
        let port = try await service.listening()
        let probe = GatewayProcess.request("GET", "/health/readiness", nil)
        #expect(try await Mock.ask(port, probe).status == 200)
        service.signal(SIGTERM)
        #expect(try await service.logged(#/serving on for 700 ms/#))
        let readiness = try await Mock.ask(port, probe)
        #expect(readiness.status == 503)
        #expect(readiness.json["status"].string == "stopping")
        #expect(try await Mock.ask(port).content == "hello")
        #expect(try await service.status == 0)
    }

    @Test("--drain-timeout wins over drain_timeout: a request that takes longer is answered 503")
    func timeout() async throws {
        let upstream = try await RecordingUpstream.start()
        upstream.answer(with: Answer(body: .silence))
        let configuration = Configurations.uncached.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let service = try Service(
            configuration + "general_settings: {drain_timeout: 1h}\n",
            ["--port", "0", "--drain-timeout", "0.3"]
        )
        let connection = try await Connection.open(port: service.listening())
        try await connection.send(Mock.request)
        try await upstream.arrival(of: 1)
        service.signal(SIGTERM)
        #expect(try await connection.readResponse().status == 503)
        #expect(try await service.status == 0)
    }

    @Test(
        "Times that are none are refused",
        arguments: ["--shutdown-delay=-1", "--drain-timeout=soon", "--drain-timeout=2d"]
    )
    func wrongTimes(option: String) async throws {
        let service = try Service(Mock.configuration, ["--port", "0", option])
        #expect(try await service.status == 64)
    }

    @Test("A second signal ends the process at once, whatever is under way", arguments: [SIGTERM, SIGINT])
    func secondSignal(number: Int32) async throws {
        let service = try Service(Mock.configuration, ["--port", "0", "--shutdown-delay", "1h"])
        try await service.listening()
        service.signal(SIGTERM)
        #expect(try await service.logged(#/serving on for/#))
        service.signal(number)
        #expect(try await service.status == -number)
    }

    @Test("A request that follows on a connection in use is answered, and is its last")
    func connectionInUse() async throws {
        let service = try Service(Mock.configuration, ["--port", "0"])
        let port = try await service.listening()
        let (used, fresh) = (try await Connection.open(port: port), try await Connection.open(port: port))
        #expect(try await Mock.ask(used).status == 200)
        service.signal(SIGTERM)
        try await eventually("nothing is accepted") { (try? await Connection.open(port: port)) == nil }
        for connection in [used, fresh] {
            let answer = try await Mock.ask(connection)
            #expect(answer.content == "hello" && answer["connection"] == "close")
            #expect(await connection.readEnd())
        }
        #expect(try await service.status == 0)
    }

    @Test("What was to be stored is in the backend when the gateway has ended, however slow the backend is")
    func pendingStores() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        try await first.cacheIsReady()
        try await server("CLIENT", "PAUSE", "1500", "WRITE")
        for number in 0..<20 { #expect(try await first.chat("question \(number)").status == 200) }
        let clock = ContinuousClock()
        let began = clock.now
        first.terminate()
        #expect(try await first.status == 0)
        #expect(clock.now - began > .milliseconds(500), "it waited for the backend")
        #expect(try await server.keys.count == 20)
        #expect(!first.log.contains("did not"), "\(first.log)")
    }

    @Test("A backend that takes no store any more delays the end until the stores have had their time, not for ever")
    func frozenBackend() async throws {
        let server = try await RedisServer.start()
        let upstream = try await RecordingUpstream.start()
        let configuration = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let gateway = try await GatewayProcess.start(configuration)
        try await gateway.cacheIsReady()
        #expect(try await gateway.chat("one").status == 200)
        server.freeze()
        defer { server.thaw() }
        #expect(try await gateway.chat("two").status == 200)
        let clock = ContinuousClock()
        let began = clock.now
        gateway.terminate()
        #expect(try await gateway.status == 0)
        #expect(clock.now - began < .seconds(20))
    }
}
