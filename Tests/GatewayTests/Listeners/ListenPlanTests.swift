import ArgumentParser
import Glibc
import Testing

@testable import Gateway

@Suite("What the command line, the environment and the service manager say of listeners")
struct ListenPlanTests {
    private func plan(
        _ arguments: [String] = [],
        host: String? = nil,
        port: String? = nil,
        passed: PassedSockets = .none
    ) throws -> ListenPlan {
        try ListenPlan(
            try ListeningOptions.parse(arguments),
            ListenEnvironment(host: host, port: port),
            passed
        )
    }

    private func places(_ plan: ListenPlan) -> [String] { plan.entries.map { "\($0.address)" } }

    @Test("An option wins over the environment, and that over the usual address")
    func precedence() throws {
        #expect(try places(plan()) == ["127.0.0.1:8000"])
        #expect(try places(plan(host: "::", port: "9000")) == ["[::]:9000"])
        #expect(try places(plan(["--port", "1"], host: "0.0.0.0", port: "9000")) == ["0.0.0.0:1"])
        #expect(try places(plan(["--host", "127.0.0.2"], host: "0.0.0.0", port: "")) == ["127.0.0.2:8000"])
        #expect(
            try places(plan(["--listen", "[::1]:1", "--listen", "unix:/a"], host: "x", port: "y")) == [
                "[::1]:1", "unix:/a",
            ]
        )
    }

    @Test("A PORT that is none is named")
    func wrongPort() {
        #expect {
            _ = try plan(port: "http")
        } throws: {
            "\($0)".contains("PORT in the environment is 'http'")
        }
        #expect(throws: Never.self) { try plan(["--port", "1"], port: "http") }
    }

    @Test("--listen takes the place of --host and --port", arguments: ["--host=127.0.0.1", "--port=1"])
    func both(option: String) {
        #expect(throws: (any Error).self) { try ListeningOptions.parse(["--listen", "127.0.0.1:1", option]) }
    }

    @Test("An address is open that other machines reach, unless it is a Unix socket")
    func open() throws {
        #expect(try plan().firstOpenPlace == nil)
        #expect(
            try plan(["--listen", "localhost:1", "--listen", "[::1]:1", "--listen", "unix:/a"]).firstOpenPlace == nil
        )
        #expect(try plan(["--listen", "127.1.2.3:1", "--listen", "[::]:1"]).firstOpenPlace == "[::]:1")
        #expect(try plan(["--listen", "127.evil.example:1"]).firstOpenPlace == "127.evil.example:1")
    }

    @Test("A socket that the process was started with and that nothing names is an error, not a place to wait for ever")
    func forgotten() throws {
        let passed = try PassedSockets(count: "2", process: "7", names: "web:", ownProcess: 7)
        #expect {
            _ = try plan(["--listen", "127.0.0.1:0"], passed: passed)
        } throws: {
            "\($0)".hasSuffix("add --listen fd://web --listen fd://4")
        }
        #expect {
            _ = try plan(["--port", "1"], passed: passed)
        } throws: {
            "\($0)".contains("--host and --port cannot be used with 2 sockets")
        }
        #expect {
            _ = try plan(["--listen", "fd://api"], passed: passed)
        } throws: {
            "\($0)".contains("no socket named 'api'") && "\($0)".hasSuffix("there are: web")
        }
    }

    @Test("A descriptor that is no listening socket is an error")
    func noSocket() throws {
        let descriptor = Glibc.open("/dev/null", O_RDONLY)
        let unbound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { for one in [descriptor, unbound] { close(one) } }
        #expect {
            _ = try plan(["--listen", "fd://\(descriptor)"])
        } throws: {
            "\($0)".hasSuffix("it is no open socket")
        }
        #expect {
            _ = try plan(["--listen", "fd://\(unbound)"])
        } throws: {
            "\($0)".hasSuffix("it is no socket that listens for connections")
        }
    }

    @Test("A socket that the process was started with is listened on once, and is as open as its address")
    func passed() throws {
        let loopback = try ListeningSocket(host: "127.0.0.1", port: 0, isShared: false)
        let all = try ListeningSocket(host: "0.0.0.0", port: 0, isShared: false)
        defer { for socket in [loopback, all] { close(socket.descriptor) } }
        let place = "fd://\(loopback.descriptor)"
        let plan = try plan(["--listen", place])
        #expect(plan.firstOpenPlace == nil)
        #expect(plan.entries.first?.socket?.name == loopback.name)
        #expect(try self.plan(["--listen", "fd://\(all.descriptor)"]).firstOpenPlace == all.name)
        #expect {
            _ = try self.plan(["--listen", place, "--listen", place])
        } throws: {
            "\($0)".contains("named by two addresses")
        }
    }
}
