import NIOCore
import Testing

@testable import Upstream

private let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

@Suite("A connection over TLS")
struct TLSTests {
    @Test("is made to a server with a trusted certificate, names the server, and is used again")
    func verified() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .receive, .send(ok), .hang],
            tls: try authority.server(names: "DNS:localhost")
        )
        let client = try await Loopback.start(trusting(authority))
        let group = try group(at: [server.port], scheme: "https", host: "localhost")
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
        #expect(server.connections == 1)
        #expect(server.serverNames == ["localhost"])
    }

    @Test("is made to a server with any certificate, or with one of another authority, where a deployment says so")
    func deploymentsTrust() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .hang],
            [.receive, .send(ok), .hang],
            [.hang],
            tls: try authority.server(names: "DNS:localhost")
        )
        func group(_ trust: ServerTrust?, host: String) throws -> ModelGroup {
            let description = DeploymentDescription(
                modelName: "m",
                model: "openai/m",
                apiBase: "https://\(host):\(server.port)",
                trust: trust
            )
            let defaults = DeploymentDefaults(numRetries: 0)
            let made = ModelDirectory.make([description], defaults: defaults, calls: Calls.table) { _ in nil }
            return try #require(made.directory.group(named: "m"))
        }
        let client = try await Loopback.start()
        // Neither the authority nor the name is one that is trusted.
        #expect(try await client.send(to: try group(.anybody, host: "127.0.0.1")).body == "{}")
        let own = ServerTrust.authorities(file: authority.certificateFile)
        #expect(try await client.send(to: try group(own, host: "localhost")).body == "{}")
        // A connection that was made for one of them is none for a deployment that trusts nobody else.
        #expect(try await client.send(to: try group(nil, host: "localhost")).error?.kind == .tlsFailed)
    }

    @Test("is made to an address that the certificate vouches for")
    func address() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .hang],
            tls: try authority.server(names: "IP:127.0.0.1")
        )
        let client = try await Loopback.start(trusting(authority))
        #expect(try await client.send(to: try group(at: [server.port], scheme: "https")).body == "{}")
    }

    @Test("is refused for another name, and the request is not sent", arguments: ["DNS:example.org", "IP:127.0.0.2"])
    func wrongName(names: String) async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .hang],
            tls: try authority.server(names: names)
        )
        let client = try await Loopback.start(trusting(authority))
        for host in ["localhost", "127.0.0.1"] {
            let answer = try await client.send(to: try group(at: [server.port], scheme: "https", host: host))
            #expect(answer.error?.kind == .tlsFailed)
            #expect(answer.error?.description.contains("certificate") == true)
        }
        #expect(server.requests.isEmpty)
    }

    @Test(
        "is refused where only the common name is the host's, or a name is a bare '*', and the request is not sent",
        arguments: [nil, "DNS:*", "DNS:*,DNS:example.org", "email:a@localhost"]
    )
    func weakName(names: String?) async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .hang],
            tls: try authority.server(names: names, commonName: "localhost")
        )
        let client = try await Loopback.start(trusting(authority))
        let answer = try await client.send(to: try group(at: [server.port], scheme: "https", host: "localhost"))
        #expect(answer.error?.kind == .tlsFailed)
        #expect(answer.error?.description.contains("certificate") == true, "\(answer.error?.description ?? "")")
        #expect(server.requests.isEmpty)
    }

    @Test(
        "that is reset or closed before or within the handshake is a failure to connect, at once",
        arguments: [true, false]
    )
    func brokenHandshake(isReset: Bool) async throws {
        let end: ScriptedServer.Step = isReset ? .reset : .close
        for script in [[end], [.send("\u{16}\u{3}\u{3}\u{0}\u{40}"), end]] as [[ScriptedServer.Step]] {
            let server = try await ScriptedServer.start(script)
            let group = try group(at: [server.port], scheme: "https", host: "localhost", timeout: .seconds(60))
            // The timeout is far longer than a test may take, because the test does not wait for it.
            let client = try await Loopback.start(UpstreamConfiguration(connectTimeout: .hours(1)))
            let answer = try await client.send(to: group)
            #expect(answer.error?.kind == .connectFailed, "\(script): \(answer.error?.description ?? "")")
            try await server.until { $0.closed == 1 }
        }
    }

    @Test("that fails says so in plain words, and what the libraries said is kept for the log")
    func plainWords() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let servers = [
            try await ScriptedServer.start([.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .hang]),
            try await ScriptedServer.start([.send("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{28}"), .hang]),
            try await ScriptedServer.start([.hang], tls: try authority.server(names: "DNS:localhost")),
            try await ScriptedServer.start([.close]),
        ]
        for server in servers {
            let group = try group(at: [server.port], scheme: "https", host: "localhost")
            let answer = try await Loopback.start().send(to: group)
            let error = try #require(answer.error)
            if error.kind == .tlsFailed { #expect(error.detail?.isEmpty == false, "\(error.description)") }
            for word in ["SSL", "error:", ".cc", ".swift", "build", "checkouts", "OPENSSL"] {
                let text = error.description.replacing("SSL_CERT_FILE", with: "")
                #expect(!text.contains(word), "\(error.description)")
            }
        }
    }

    @Test("is refused for an unknown authority, and the request is not sent")
    func unknownAuthority() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let server = try await ScriptedServer.start(
            [.receive, .send(ok), .hang],
            tls: try authority.server(names: "DNS:localhost")
        )
        let answer = try await Loopback.start()
            .send(to: try group(at: [server.port], scheme: "https", host: "localhost"))
        #expect(answer.error?.kind == .tlsFailed)
        #expect(server.requests.isEmpty)
    }

    @Test("is refused by a server that does not speak TLS")
    func plain() async throws {
        let server = try await ScriptedServer.start([.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .hang])
        let answer = try await Loopback.start().send(to: try group(at: [server.port], scheme: "https"))
        #expect(answer.error?.kind == .tlsFailed)
    }

    @Test("goes through a proxy's tunnel, and only the tunnel is named to the proxy")
    func tunnel() async throws {
        let authority = try PrivateAuthority()
        defer { authority.remove() }
        let proxy = try await ScriptedServer.start(
            [.tunnel("HTTP/1.1 200 Connection established\r\n\r\n"), .receive, .send(ok), .receive, .send(ok), .hang],
            tls: try authority.server(names: "DNS:models.example"),
            tunnel: true
        )
        let client = try await Loopback.start(trusting(authority, proxy: "http://ann:pa%40ss@127.0.0.1:\(proxy.port)"))
        let group = try group(at: [8443], scheme: "https", host: "models.example")
        for _ in 0..<2 { #expect(try await client.send(to: group).body == "{}") }
        #expect(
            proxy.requests.first
                == "CONNECT models.example:8443 HTTP/1.1\r\nhost: models.example:8443\r\n"
                + "proxy-authorization: Basic YW5uOnBhQHNz\r\n\r\n"
        )
        #expect(
            proxy.requests.dropFirst().allSatisfy { !$0.contains("proxy-authorization") && $0.hasPrefix("POST /v1/") }
        )
        #expect(proxy.connections == 1)
        #expect(proxy.serverNames == ["models.example"])
    }

    @Test(
        "is not made when the proxy refuses",
        arguments: [
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n",
            "nonsense\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ]
    )
    func refusedTunnel(answer: String) async throws {
        let proxy = try await ScriptedServer.start([.receive, .send(answer), .hang])
        let client = try await Loopback.start(
            UpstreamConfiguration(proxies: try proxies(https: "http://ann:secret@127.0.0.1:\(proxy.port)"))
        )
        let recording = try await client.send(to: try group(at: [443], scheme: "https", host: "models.example"))
        #expect(recording.error?.kind == .proxyRefused)
        #expect(recording.error?.description.contains("secret") == false)
        try await proxy.until { $0.closed == 1 }
    }

    @Test("is not needed for plain HTTP through a proxy, which is sent the whole URL")
    func forward() async throws {
        let proxy = try await ScriptedServer.start([.receive, .send(ok), .hang])
        let client = try await Loopback.start(
            UpstreamConfiguration(proxies: try proxies(http: "http://ann:pw@127.0.0.1:\(proxy.port)"))
        )
        #expect(try await client.send(to: try group(at: [80], host: "models.example")).body == "{}")
        let request = try #require(proxy.requests.first)
        #expect(
            request.hasPrefix("POST http://models.example/v1/chat/completions HTTP/1.1\r\nhost: models.example\r\n")
        )
        #expect(request.contains("\r\nproxy-authorization: Basic YW5uOnB3\r\n"))
    }

    @Test("is not mistaken for the proxy: what the proxy refuses is not the model's answer")
    func forwardRefused() async throws {
        let proxy = try await ScriptedServer.start([
            .receive, .send("HTTP/1.1 407 X\r\ncontent-length: 0\r\n\r\n"), .hang,
        ])
        let client = try await Loopback.start(
            UpstreamConfiguration(proxies: try proxies(http: "127.0.0.1:\(proxy.port)"))
        )
        let answer = try await client.send(to: try group(at: [80], host: "models.example"))
        #expect(answer.head == nil)
        #expect(answer.error?.kind == .proxyRefused)
    }

    private func proxies(http: String? = nil, https: String? = nil) throws -> ProxySettings {
        let (settings, problems) = ProxySettings.make { ["http_proxy": http, "HTTPS_PROXY": https][$0] ?? nil }
        guard problems.isEmpty else { throw Unexpected(problems.description) }
        return settings
    }

    private func trusting(_ authority: PrivateAuthority, proxy: String? = nil) throws -> UpstreamConfiguration {
        UpstreamConfiguration(
            tls: UpstreamTLS(trustRootsFile: authority.certificateFile),
            proxies: try proxies(https: proxy)
        )
    }
}
