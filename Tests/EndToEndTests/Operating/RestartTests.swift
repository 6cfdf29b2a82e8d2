import Foundation
import Testing

extension OneAtATime {
    /// Gateways that replace one another under load.
    @Suite("A restart under load", .timeLimit(.minutes(2)))
    struct RestartTests {
        @Test("Through a socket that outlives the process it loses nothing: requests wait for the next gateway")
        func socketActivation() async throws {
            let socket = try PassedSocket()
            let load = RestartLoad(.port(socket.port))
            try await load.run {
                for _ in 0..<3 {
                    let service = try Service(Mock.configuration, sockets: [socket.descriptor])
                    try await service.listening()
                    try await load.goesOn()
                    try await service.stop()
                }
                let last = try Service(Mock.configuration, sockets: [socket.descriptor])
                try await load.goesOn()
                // The clients end before it does.
                load.end()
                try await load.ended()
                try await last.stop()
            }
            #expect(load.failures == [])
        }

        @Test("With --reuse-port the next gateway serves before the last one stops, and nothing is lost")
        func reusePort() async throws {
            let port = try FreePort.find()
            let load = RestartLoad(.port(port))
            try await Self.replace(["--listen", "127.0.0.1:\(port)", "--reuse-port"], load)
            #expect(load.failures == [])
        }

        @Test("With --reuse-port a Unix socket is taken over, and nothing is lost")
        func unixSocket() async throws {
            let directory = try TemporaryDirectory()
            let path = directory.url.path + "/gateway.sock"
            let load = RestartLoad(.path(path))
            try await Self.replace(["--listen", "unix:\(path)", "--reuse-port"], load)
            #expect(load.failures == [])
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        private static func replace(_ arguments: [String], _ load: RestartLoad) async throws {
            var present = try Service(Mock.configuration, arguments)
            try await present.listening()
            try await load.run {
                for _ in 0..<3 {
                    try await load.goesOn()
                    let next = try Service(Mock.configuration, arguments)
                    try await next.listening()
                    try await present.stop()
                    present = next
                }
                try await load.goesOn()
                load.end()
                try await load.ended()
            }
            try await present.stop()
        }

        @Test(
            "A port is not shared by mistake: a second gateway without --reuse-port does not start, nor does one with it"
        )
        func mistake() async throws {
            let first = try Service(Mock.configuration, ["--port", "0"])
            let port = try await first.listening()
            for arguments in [["--port", "\(port)"], ["--port", "\(port)", "--reuse-port"]] {
                let second = try Service(Mock.configuration, arguments)
                #expect(try await second.status == 1)
                #expect(second.log.contains("cannot listen on 127.0.0.1:\(port): address already in use"))
                #expect(second.log.contains("with --reuse-port, given to both"))
            }
            #expect(try await Mock.ask(port).status == 200)
            try await first.stop()
        }
    }
}
