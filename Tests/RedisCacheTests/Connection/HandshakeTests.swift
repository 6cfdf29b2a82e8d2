import PluginConformance
import Testing

@testable import RedisCache

@Suite("The handshake of a connection")
struct HandshakeTests {
    private static let server = RedisEndpoint.tcp(host: "h", port: 6379)

    private func login() throws -> Login {
        Login(try GivenParameters.redis(configured: ["host": "h", "client_name": ""]).settings(), .data)
    }

    private func receive(_ text: String, _ handshake: inout Handshake) throws -> Login.Progress? {
        let reply = try #require(try ReplyReader().first(Array(text.utf8)))
        defer { reply.free() }
        return handshake.receive(reply, from: Self.server)
    }

    @Test("goes from TCP to TLS to the log-in, and takes commands after that only")
    func order() throws {
        var handshake = Handshake(usesTLS: true)
        #expect(!handshake.isSecured && handshake.expectedReply == nil)
        handshake.connected()
        #expect(!handshake.isSecured && handshake.expectedReply == nil)
        handshake.secured(try login())
        #expect(handshake.isSecured && handshake.expectedReply == .short)
        #expect(try receive("+PONG\r\n", &handshake) == .done(warning: nil))
        #expect(handshake.isSecured && handshake.expectedReply == nil)
        #expect(try receive("+OK\r\n", &handshake) == nil, "that reply is a command's")
    }

    @Test("is not over while the log-in has failed")
    func failure() throws {
        var handshake = Handshake(usesTLS: false)
        handshake.connected()
        handshake.secured(try login())
        guard case .failed? = try receive("-NOAUTH Authentication required.\r\n", &handshake) else {
            return #expect(Bool(false), "accepted")
        }
        #expect(handshake.expectedReply != nil)
    }

    @Test("says what may be wrong with a server that is silent or talks nonsense, as far as it has come")
    func suspicion() throws {
        for (usesTLS, whileSecuring, whileLoggingIn) in [
            (false, "'ssl: true'", "'ssl: true'"), (true, "'ssl: false'", "'ssl_certfile'"),
        ] {
            var handshake = Handshake(usesTLS: usesTLS)
            #expect(handshake.suspicion.isEmpty, "a server that cannot be reached says nothing of TLS")
            handshake.connected()
            #expect(handshake.suspicion.contains(whileSecuring))
            handshake.secured(try login())
            #expect(handshake.suspicion.contains(whileLoggingIn))
            _ = try receive("+PONG\r\n", &handshake)
            #expect(handshake.suspicion.isEmpty, "a server that was logged in to speaks as it should")
        }
    }
}
