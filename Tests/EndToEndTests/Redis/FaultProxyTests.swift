import Foundation
import Testing

/// The faults of the tests have the effects of their names.
@Suite("The fault proxy", .timeLimit(.minutes(1)))
struct FaultProxyTests {
    /// The bytes received for one PING, and how that ended: 124 is a timeout, 0 a close or as many bytes as were
    /// expected, anything else a broken connection.
    /// - Parameters:
    ///   - count: how many bytes are expected at most.
    ///   - seconds: the timeout, which is generous where bytes are expected, since a busy machine is not a defect.
    private func ping(
        _ proxy: FaultProxy,
        awaiting count: Int = 7,
        seconds: Int = 20
    ) async throws -> (bytes: String, ending: Int32) {
        let script =
            #"exec 3<>/dev/tcp/127.0.0.1/$0 || exit 1; printf 'PING\r\n' >&3 || exit 1; timeout $1 head -c $2 <&3"#
        let arguments = ["-c", script, "\(proxy.port)", "\(seconds)", "\(count)"]
        let result = try await Command.run(Command.find("bash"), arguments)
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
            switch fault {
            case .none:
                let (bytes, ending) = try await ping(proxy)
                #expect(bytes == "+PONG\r\n" && ending == 0)
            case .refuse:
                let (bytes, ending) = try await ping(proxy)
                #expect(bytes.isEmpty && ending != 124)
            case .reset:
                let (bytes, ending) = try await ping(proxy)
                #expect(bytes.isEmpty && ending == 1)
            case .cut:
                let (bytes, ending) = try await ping(proxy)
                #expect(bytes == "+PO" && ending == 0)
            case .halfThenSilence:
                let (bytes, ending) = try await ping(proxy, seconds: 2)
                #expect("+PO".hasPrefix(bytes) && ending == 124)
            case .trickle:
                // Seven bytes take 600 ms at least.
                let (clock, began) = (ContinuousClock(), ContinuousClock.now)
                let (bytes, ending) = try await ping(proxy)
                #expect(bytes == "+PONG\r\n" && ending == 0)
                #expect(clock.now - began > .milliseconds(550))
            case .garbage:
                let (bytes, ending) = try await ping(proxy)
                #expect(!bytes.isEmpty && bytes != "+PONG\r\n" && ending == 0)
            case .anotherAnswer:
                let (bytes, ending) = try await ping(proxy, awaiting: 108)
                #expect(bytes == "$100\r\n\(value)\r\n" && ending == 0)
            case .silence:
                let (bytes, ending) = try await ping(proxy, seconds: 1)
                #expect(bytes.isEmpty && ending == 124)
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
