import PluginConformance
import PluginKit
import Testing

@testable import RedisCache

@Suite("The log-in")
struct LoginTests {
    private static let server = RedisEndpoint.tcp(host: "h", port: 6379)

    private func login(
        _ configured: [String: String],
        _ purpose: Login.Purpose = .data
    ) throws -> Login {
        Login(
            try GivenParameters.redis(configured: configured.merging(["host": "h"]) { old, _ in old }).settings(),
            purpose
        )
    }

    private func sent(_ login: Login) -> String {
        var output = OutputBuffer()
        login.encode(into: &output)
        var text = ""
        output.send { bytes in
            text = String(decoding: bytes, as: UTF8.self)
            return bytes.count
        }
        return text.split(separator: "\r\n").filter { !$0.hasPrefix("*") && !$0.hasPrefix("$") }.joined(separator: " ")
    }

    private func answer(_ login: inout Login, _ replies: [String]) throws -> Login.Progress {
        var progress = Login.Progress.more
        for text in replies {
            let kind: Reply.Kind = text.hasPrefix("+") ? .status : .error
            let bytes = Array(text.utf8.dropFirst())
            let reply = try #require(bytes.withUnsafeBytes { Reply.string(kind, $0.baseAddress, count: $0.count) })
            progress = login.receive(reply, from: Self.server)
            reply.free()
        }
        return progress
    }

    @Test("sends only what is needed, in the order that Redis wants")
    func commands() throws {
        #expect(sent(try login([:])) == "CLIENT SETNAME gateway PING")
        #expect(
            sent(try login(["username": "u", "password": "p", "db": "3", "client_name": "x"]))
                == "AUTH u p CLIENT SETNAME x SELECT 3 PING"
        )
        #expect(sent(try login(["password": "p", "client_name": ""], .master)) == "AUTH p ROLE PING")
        let sentinels = ["sentinel_nodes": "[[\"s\",1]]", "service_name": "m", "password": "p", "db": "3"]
        #expect(sent(try login(sentinels, .sentinel)) == "CLIENT SETNAME gateway PING")
        #expect(
            sent(try login(sentinels.merging(["sentinel_password": "sp"]) { $1 }, .sentinel))
                == "AUTH sp CLIENT SETNAME gateway PING"
        )
    }

    @Test("is done when everything was answered well; a name that is not taken is no obstacle")
    func done() throws {
        var plain = try login([:])
        #expect(try answer(&plain, ["+OK"]) == .more)
        #expect(try answer(&plain, ["+PONG"]) == .done(warning: nil))
        var unnamed = try login([:])
        guard case .done(let warning?) = try answer(&unnamed, ["-NOPERM no client commands", "+PONG"]) else {
            return #expect(Bool(false), "not done")
        }
        #expect(warning.contains("client_name"))
    }

    @Test(
        "that fails says what to mend, and never the password",
        arguments: [
            (
                ["password": "sesame"], ["-WRONGPASS invalid username-password pair"], Status.unauthorized,
                "check 'username' and 'password'"
            ),
            (
                ["password": "sesame"], ["-ERR AUTH <password> called without any password configured"], .unauthorized,
                "refuses the log-in"
            ),
            (
                [:], ["-NOAUTH Authentication required.", "-NOAUTH Authentication required."], .unauthorized,
                "set 'password'"
            ),
            (["db": "99"], ["+OK", "-ERR DB index is out of range"], .badConfiguration, "has no database 99"),
            ([:], ["+OK", "-LOADING Redis is loading the dataset in memory"], .unavailable, "is not ready"),
        ] as [([String: String], [String], Status, String)]
    )
    func failures(configured: [String: String], replies: [String], status: Status, words: String) throws {
        var login = try login(configured)
        var failure: BackendFailure?
        for reply in replies {
            if case .failed(let found) = try answer(&login, [reply]) {
                failure = found
                break
            }
        }
        #expect(failure?.status == status)
        #expect(failure?.reason.contains(words) == true, "\(failure?.reason ?? "no failure")")
        #expect(failure?.reason.contains("h:6379") == true)
        #expect(failure?.reason.contains("sesame") == false)
    }

    @Test("refuses a server that the sentinels call the master and that is none")
    func role() throws {
        var login = try login(["client_name": ""], .master)
        let role = try #require(Reply.array(count: 1))
        let name = try #require(
            Array("slave".utf8).withUnsafeBytes { Reply.string(.string, $0.baseAddress, count: $0.count) }
        )
        #expect(role.put(name, at: 0))
        guard case .failed(let failure) = login.receive(role, from: Self.server) else {
            return #expect(Bool(false), "accepted")
        }
        role.free()
        #expect(failure.status == .unavailable)
    }
}
