import Foundation
import Testing

/// Where the gateway listens: `--listen`, the environment, and sockets that it was started with.
@Suite("The places at which the gateway listens", .timeLimit(.minutes(1)))
struct ListenerTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int) ?? -1
    }

    @Test("--listen is repeated: IPv4, IPv6 and a Unix socket serve alike, and each is named in the log")
    func several() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.path + "/gateway.sock"
        let service = try Service(
            Mock.configuration,
            ["--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", "unix:\(path)?mode=660"]
        )
        let port = try await service.listening()
        #expect(try await service.logged(#/listening on unix:/#))
        #expect(service.log.contains("listening on http://[::1]:"))
        #expect(try await Mock.ask(port).content == "hello")
        let connection = try await Connection.open(path: path)
        // A connection to a Unix socket is kept like any other.
        for _ in 0..<2 { #expect(try await Mock.ask(connection).content == "hello") }
        #expect(try mode(path) == 0o660)
        try await service.stop()
        #expect(!FileManager.default.fileExists(atPath: path), "the file is removed at the stop")
    }

    @Test(
        "A Unix socket is its owner's alone by default; a stale file is replaced, a served one and a foreign one are not"
    )
    func unixSocket() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.path + "/gateway.sock"
        let killed = try Service(Mock.configuration, ["--listen", "unix:\(path)"])
        try await killed.listening()
        #expect(try mode(path) == 0o600)
        killed.signal(SIGKILL)
        #expect(try await killed.status == -SIGKILL)
        let service = try Service(Mock.configuration, ["--listen", "unix:\(path)"])
        try await service.listening()
        #expect(try await Mock.ask(Connection.open(path: path)).content == "hello")
        let second = try Service(Mock.configuration, ["--listen", "unix:\(path)"])
        #expect(try await second.status == 1)
        #expect(
            second.log.contains("cannot listen on unix:\(path): another process is listening there; choose another")
        )
        #expect(try await Mock.ask(Connection.open(path: path)).content == "hello")
        try await service.stop()
        let foreign = try directory.write("mine", to: "file").path
        let third = try Service(Mock.configuration, ["--listen", "unix:\(foreign)"])
        #expect(try await third.status == 1)
        #expect(third.log.contains("something that is no socket is there"))
        #expect(try String(contentsOfFile: foreign, encoding: .utf8) == "mine")
    }

    @Test("A client of a Unix socket that reads slowly gets everything")
    func slowReader() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.path + "/gateway.sock"
        let large = String(repeating: "x", count: 4_000_000)
        let upstream = try await RecordingUpstream.start()
        upstream.answer { _, _ in .chat(large) }
        let service = try Service(
            Configurations.uncached.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
                + "general_settings: {stalled_client_timeout: 400ms}\n",
            ["--listen", "unix:\(path)"]
        )
        try await service.listening()
        let connection = try await Connection.open(path: path)
        try await connection.send(Mock.request)
        let head = try await connection.readHead()
        var size = 0
        while let piece = try await connection.readPiece() {
            size += piece.count
            // It takes longer than a client may stand still.
            try await connection.stopReading()
            try await Task.sleep(for: .milliseconds(20))
            try await connection.readOn()
        }
        #expect(head.status == 200 && size > large.utf8.count)
        let idle = try await Connection.open(path: path)
        try await idle.send(Mock.request)
        try await idle.stopReading()
        // One that stands still is closed, as over TCP.
        try await Task.sleep(for: .milliseconds(1_500))
        try? await idle.readOn()
        let answer = try? await idle.readResponse()
        #expect(answer == nil)
        try await service.stop()
    }

    @Test("HOST and PORT of the environment or of .env are taken where no option is given")
    func environment() async throws {
        let free = try FreePort.find()
        let service = try Service(Mock.configuration, environment: ["HOST": "127.0.0.2", "PORT": "\(free)"])
        try await service.listening()
        #expect(service.log.contains("listening on http://127.0.0.2:\(free)"))
        try await service.stop()
        let other = try Service(Mock.configuration, ["--port", "0"], dotEnv: "HOST=127.0.0.3\nPORT=x\n")
        try await other.listening()
        #expect(other.log.contains("listening on http://127.0.0.3:"))
        try await other.stop()
        let wrong = try Service(Mock.configuration, environment: ["PORT": "http"])
        #expect(try await wrong.status == 78)
        #expect(wrong.log.contains("PORT in the environment is 'http', which is not a port; use 0 to 65535"))
        let open = try Service(Mock.configuration, environment: ["HOST": "0.0.0.0", "PORT": "0"])
        #expect(try await open.status == 78)
        #expect(open.log.contains("refusing to listen on 0.0.0.0:0 without a key"))
    }

    @Test("Sockets that the process was started with are listened on, by number, by name, or all of them")
    func passed() async throws {
        let (web, second) = (try PassedSocket(), try PassedSocket())
        for arguments in [["--listen", "fd://web", "--listen", "fd://4"], []] {
            let service = try Service(
                Mock.configuration,
                arguments,
                sockets: [web.descriptor, second.descriptor],
                names: "web:"
            )
            try await service.listening()
            for port in [web.port, second.port] { #expect(try await Mock.ask(port).content == "hello") }
            try await service.stop()
        }
        let forgetful = try Service(
            Mock.configuration,
            ["--listen", "fd://3"],
            sockets: [web.descriptor, second.descriptor]
        )
        #expect(try await forgetful.status == 1)
        #expect(forgetful.log.contains("would have no listener, and clients would wait for ever; add --listen fd://4"))
        let none = try Service(Mock.configuration, ["--listen", "fd://3"])
        #expect(try await none.status == 1)
        #expect(none.log.contains("cannot listen on descriptor 3 (fd://3): it is no"))
    }

    @Test(
        "What is no address is refused with one line",
        arguments: ["127.0.0.1", "unix:gateway.sock", "::1:80", "fd://1"]
    )
    func misreadings(address: String) async throws {
        let service = try Service(Mock.configuration, ["--listen", address])
        #expect(try await service.status == 64)
        #expect(service.log.contains("The value '\(address)' is invalid for '--listen"))
    }
}
