import Foundation
import Testing

/// The faults of the tests are those that they are called.
@Suite("The fault proxy", .timeLimit(.minutes(1)))
struct FaultProxyTests {
    /// What comes back for one PING within half a second, and how that ended: 124 is the end of the half second,
    /// 0 a close, anything else a broken connection.
    private func ping(_ proxy: FaultProxy) async throws -> (bytes: String, ending: Int32) {
        let script =
            #"exec 3<>/dev/tcp/127.0.0.1/$0 || exit 1; printf 'PING\r\n' >&3 || exit 1; timeout 0.5 cat <&3"#
        let result = try await Command.run(Command.find("bash"), ["-c", script, "\(proxy.port)"])
        return (result.standardOutput, result.status)
    }

    @Test("Each fault does to an answer what its name says, and passing on mends all of them")
    func faults() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(before: server.port)
        let value = String(repeating: "v", count: 100)
        try await server("SET", "long", value)
        let through = try await Command.run(Command.find("redis-cli"), ["-p", "\(proxy.port)", "GET", "long"])
        #expect(through.standardOutput == value + "\n")
        for fault in FaultProxy.Fault.allCases {
            proxy.switchTo(fault)
            let (bytes, ending) = try await ping(proxy)
            switch fault {
            case .none: #expect(bytes == "+PONG\r\n" && ending == 124)
            case .refuse: #expect(bytes.isEmpty && ending != 124)
            case .reset: #expect(bytes.isEmpty && ending == 1)
            case .cut: #expect(bytes == "+PO" && ending == 0)
            case .halfThenSilence: #expect(bytes == "+PO" && ending == 124)
            case .trickle:
                #expect(
                    (1..<7).contains(bytes.utf8.count) && "+PONG\r\n".utf8.starts(with: bytes.utf8) && ending == 124
                )
            case .garbage: #expect(!bytes.isEmpty && bytes != "+PONG\r\n" && ending == 124)
            case .anotherAnswer: #expect(bytes == "$100\r\n\(value)\r\n" && ending == 124)
            case .silence: #expect(bytes.isEmpty && ending == 124)
            }
            proxy.switchTo(.none)
            // A long answer that was passed on is kept for `anotherAnswer`; this one is too short.
            #expect(try await ping(proxy).bytes == "+PONG\r\n")
        }
    }

    @Test("Hanging up ends the connections that there are")
    func hangingUp() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(before: server.port)
        let script = #"exec 3<>/dev/tcp/127.0.0.1/$0; printf 'PING\r\n' >&3; cat <&3"#
        let client = try Command(
            Command.find("bash"),
            ["-c", script, "\(proxy.port)"],
            directory: Repository.root
        )
        #expect(try await client.standardOutput.first(#/\+PONG/#) != nil)
        proxy.hangUp()
        #expect(try await client.status == 0)
    }
}
