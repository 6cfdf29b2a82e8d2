import Foundation
import Testing

/// TLS with clients: curl, OpenSSL, Python and the `openai` package.
@Suite("TLS of listeners", .timeLimit(.minutes(1)))
struct TLSListenerTests {
    /// The files of a certificate and its key.
    typealias Files = (certificate: String, key: String)

    /// Certificates of one authority, and one of another. They are made once, since making them takes turns.
    private struct Certificates: Sendable {
        let authority: CertificateAuthority
        // Its files last as long as it does.
        let foreign: CertificateAuthority
        let gateway: Files
        let other: Files
        let client: Files
        let stranger: Files

        static let made = Task {
            let (authority, foreign) = (try await CertificateAuthority.make(), try await CertificateAuthority.make())
            return Certificates(
                authority: authority,
                foreign: foreign,
                gateway: try await authority.certificate("gateway", names: "DNS:localhost,IP:127.0.0.1"),
                other: try await authority.certificate("other", names: "DNS:localhost,IP:127.0.0.1"),
                client: try await authority.certificate("client", names: "DNS:client"),
                stranger: try await foreign.certificate("stranger", names: "DNS:stranger")
            )
        }
    }

    private static var certificates: Certificates {
        get async throws { try await Certificates.made.value }
    }

    private static func configuration(_ files: (certificate: String, key: String), _ more: String = "") -> String {
        Mock.configuration
            + "general_settings:\n  tls_certificate: \(files.certificate)\n  tls_key: \(files.key)\n" + more
    }

    /// What curl makes of a request: its exit code, and the status and version of the answer.
    private func curl(_ port: Int, _ arguments: String..., scheme: String = "https") async throws -> (
        code: Int32, text: String
    ) {
        let authority = try await Self.certificates.authority
        let result = try await Command.run(
            Command.find("curl"),
            ["-sS", "--max-time", "10", "--cacert", authority.file, "-o", "/dev/null"]
                + ["-w", "%{http_code} %{http_version}"] + arguments + [
                    "\(scheme)://localhost:\(port)/health/liveliness"
                ]
        )
        return (result.status, result.standardOutput)
    }

    @Test("A client with the authority's certificate is served over HTTP/1.1 and TLS 1.2 or 1.3, and no other version")
    func versions() async throws {
        let service = try Service(Self.configuration(await Self.certificates.gateway), ["--port", "0"])
        let port = try await service.listening()
        #expect(service.log.contains("listening on https://127.0.0.1:\(port)"))
        #expect(try await curl(port).text == "200 1.1")
        #expect(try await curl(port, "--http2").text == "200 1.1", "h2 is offered and not chosen")
        #expect(try await curl(port, "--tls-max", "1.2").text == "200 1.1")
        #expect(try await curl(port, "--tlsv1.3").text == "200 1.1")
        #expect(try await curl(port, "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0").code == 35)
        #expect(try await service.logged(#/TLS handshake failed: the client speaks no version of TLS from 1.2 on/#))
        try await service.stop()
    }

    @Test(
        "Plain HTTP on a port with TLS is closed, with a line in the log; a client that only connects is not mentioned"
    )
    func plainHTTP() async throws {
        let service = try Service(Self.configuration(await Self.certificates.gateway), ["--port", "0"])
        let port = try await service.listening()
        let probe = try await Connection.open(port: port)
        try await probe.close()
        #expect(try await curl(port, scheme: "http").text.hasPrefix("000"))
        let line =
            #/a client's TLS handshake failed: the client speaks plain HTTP; its URL begins with https:\/\/ here/#
        #expect(try await service.logged(line))
        let garbage = try await Connection.open(port: port)
        try await garbage.send("\u{16}\u{3}\u{1}garbage that is no handshake at all")
        #expect(await garbage.readEndAfterAll())
        for _ in 0..<20 { _ = try await curl(port, scheme: "http") }
        try await service.stop()
        #expect(service.log.split(separator: "\n").count { $0.contains("the client speaks plain HTTP") } <= 4)
    }

    @Test("A handshake has the time of the first request, however its bytes drip in")
    func slowHandshake() async throws {
        let service = try Service(
            Self.configuration(await Self.certificates.gateway, "  request_head_timeout: 700ms\n"),
            ["--port", "0"]
        )
        let port = try await service.listening()
        let (silent, dripping) = (try await Connection.open(port: port), try await Connection.open(port: port))
        // The head of a record with a long ClientHello, and then a byte at a time.
        try await dripping.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
        let clock = ContinuousClock()
        let began = clock.now
        while (try? await dripping.send([0])) != nil, clock.now - began < .seconds(5) {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(clock.now - began < .seconds(4), "the dripping one is closed")
        #expect(await silent.readEndAfterAll())
        try await service.stop()
    }

    @Test("The `openai` package is served, in one piece and as a stream, with SSL_CERT_FILE")
    func openAI() async throws {
        let service = try Service(Self.configuration(await Self.certificates.gateway), ["--port", "0"])
        let port = try await service.listening()
        let lines = try await Python.run(
            """
            import openai
            client = openai.OpenAI(base_url="https://localhost:\(port)/v1", api_key="k", max_retries=0)
            messages = [{"role": "user", "content": "hi"}]
            for _ in range(3):
                answer = client.chat.completions.create(model="gpt-3.5-turbo", messages=messages)
                print(answer.choices[0].message.content)
            stream = client.chat.completions.create(model="gpt-3.5-turbo", messages=messages, stream=True)
            print("".join(c.choices[0].delta.content or "" for c in stream if c.choices))
            """,
            environment: ["SSL_CERT_FILE": Self.certificates.authority.file]
        )
        #expect(lines == ["hello", "hello", "hello", "hello"])
        try await service.stop()
    }

    @Test("Large requests and answers go through unchanged")
    func large() async throws {
        let upstream = try await RecordingUpstream.start()
        let content = String(repeating: "0123456789", count: 400_000)
        upstream.answer { _, _ in .chat(content) }
        let files = try await Self.certificates.gateway
        let service = try Service(
            Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
                + "general_settings:\n  tls_certificate: \(files.certificate)\n  tls_key: \(files.key)\n",
            ["--port", "0"]
        )
        let port = try await service.listening()
        let lines = try await Python.run(
            """
            import openai
            client = openai.OpenAI(base_url="https://localhost:\(port)/v1", api_key="k", max_retries=0)
            messages = [{"role": "user", "content": "q" * 5_000_000}]
            for _ in range(2):
                answer = client.chat.completions.create(model="gpt-3.5-turbo", messages=messages)
                print(answer.choices[0].message.content == "0123456789" * 400_000)
            """,
            environment: ["SSL_CERT_FILE": Self.certificates.authority.file]
        )
        #expect(lines == ["True", "True"])
        #expect(upstream.calls == 1)
        try await service.stop()
    }

    @Test("Clients' certificates are required or optional, and one that is presented must be of the authority")
    func clientCertificates() async throws {
        let own = try await Self.certificates.gateway
        let (client, stranger) = (try await Self.certificates.client, try await Self.certificates.stranger)
        for isRequired in [true, false] {
            let service = try Service(
                Self.configuration(
                    own,
                    "  tls_client_ca: \(try await Self.certificates.authority.file)\n"
                        + (isRequired ? "" : "  tls_client_certificates: optional\n")
                ),
                ["--port", "0"]
            )
            let port = try await service.listening()
            #expect(try await curl(port, "--cert", client.certificate, "--key", client.key).text == "200 1.1")
            let without = try await curl(port)
            #expect(isRequired ? without.code != 0 : without.text == "200 1.1")
            #expect(try await curl(port, "--cert", stranger.certificate, "--key", stranger.key).code != 0)
            #expect(try await service.logged(#/the client's certificate is of no authority in tls_client_ca/#))
            if isRequired { #expect(try await service.logged(#/the client presents no certificate/#)) }
            try await service.stop()
        }
    }

    @Test("A reload brings new certificates for new connections; files that do not fit leave the old ones in force")
    func reload() async throws {
        let (first, second) = (try await Self.certificates.gateway, try await Self.certificates.other)
        let directory = try TemporaryDirectory()
        let (certificate, key) = (directory.url.path + "/c.pem", directory.url.path + "/k.pem")
        func put(_ source: String, _ target: String) throws {
            try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target))
        }
        try put(first.certificate, certificate)
        try put(first.key, key)
        let service = try Service(Self.configuration((certificate, key)), ["--port", "0"])
        let port = try await service.listening()
        #expect(try await subject(port) == "gateway")
        try put(second.certificate, certificate)
        service.signal(SIGHUP)
        #expect(try await service.logged(#/k.pem' is not the key of the certificate in '.*c.pem'/#))
        #expect(try await service.logged(#/the configuration is not reloaded/#))
        #expect(try await subject(port) == "gateway")
        try put(second.key, key)
        service.signal(SIGHUP)
        try await eventually("the new certificate is used") { try await subject(port) == "other" }
        let file = service.directory.url.appending(path: "config.yaml")
        try Data(Mock.configuration.utf8).write(to: file)
        service.signal(SIGHUP)
        #expect(try await service.logged(#/TLS of listeners is not switched on or off while the gateway runs/#))
        #expect(try await subject(port) == "other")
        try await service.stop()
    }

    /// The name in the certificate that the gateway presents.
    private func subject(_ port: Int) async throws -> String {
        let result = try await Command.run(
            Command.find("sh"),
            ["-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -subject"]
        )
        return result.standardOutput.trimmed.split(separator: "=").last?.trimmed ?? ""
    }

    @Test(
        "Files that cannot be used stop the start, and `check`, with one line that has their place",
        arguments: [
            ("none.pem", "KEY", 5, "'none.pem' cannot be read: no such file or directory"),
            ("KEY", "KEY", 5, "has no certificate in PEM"),
            ("CERTIFICATE", "/", 6, "'/' cannot be read: is a directory"),
            ("CERTIFICATE", "CERTIFICATE", 6, "has no private key in PEM"),
            ("CERTIFICATE", "OTHER", 6, "is not the key of the certificate in"),
            ("CERTIFICATE", "LOCKED", 6, "or has a password"),
        ]
    )
    func wrongFiles(certificate: String, key: String, line: Int, message: String) async throws {
        let (own, other) = (try await Self.certificates.gateway, try await Self.certificates.other)
        let directory = try TemporaryDirectory()
        let locked = directory.url.path + "/locked.pem"
        _ = try await Command.run(
            Command.find("openssl"),
            ["pkey", "-in", own.key, "-aes256", "-passout", "pass:secret", "-out", locked]
        )
        let files = ["CERTIFICATE": own.certificate, "KEY": own.key, "OTHER": other.key, "LOCKED": locked]
        let service = try Service(
            Self.configuration((files[certificate] ?? certificate, files[key] ?? key)),
            ["--port", "0"]
        )
        #expect(try await service.status == 78)
        #expect(service.log.contains("config.yaml:\(line):"), "\(service.log)")
        #expect(service.log.contains(message), "\(service.log)")
        #expect(service.log.split(separator: "\n").count == 1, "\(service.log)")
        let check = try await Command.run(
            Repository.gateway,
            ["check", service.directory.url.path + "/config.yaml", "--plugin-dir", Repository.plugins.path]
        )
        #expect(check.status == 1 && check.standardError.contains(message))
    }

    @Test("An address may keep to plain HTTP, Unix sockets do, and https needs a certificate")
    func schemes() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.path + "/gateway.sock"
        let service = try Service(
            Self.configuration(await Self.certificates.gateway),
            ["--listen", "https://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--listen", "unix:\(path)"]
        )
        let secure = try await service.listening()
        #expect(try await service.logged(#/listening on unix:/#))
        let plain = try #require(service.log.firstMatch(of: #/listening on http://127.0.0.1:(\d+)/#)?.output.1)
        #expect(try await curl(secure).text == "200 1.1")
        #expect(try await Mock.ask(#require(Int(plain))).content == "hello")
        #expect(try await Mock.ask(Connection.open(path: path)).content == "hello")
        try await service.stop()
        let bare = try Service(Mock.configuration, ["--listen", "https://127.0.0.1:0"])
        #expect(try await bare.status == 78)
        #expect(bare.log.contains("cannot listen on https://127.0.0.1:0 without a certificate"))
    }

    @Test("A stop ends connections over TLS as it ends others: requests finish, and the next answer is the last")
    func stop() async throws {
        let service = try Service(Self.configuration(await Self.certificates.gateway), ["--port", "0"])
        let port = try await service.listening()
        let authority = try await Self.certificates.authority.file
        let client = try Command(
            Repository.python,
            [
                "-u", "-c",
                """
                import http.client, ssl, sys, time
                connection = http.client.HTTPSConnection("localhost", \(port), context=ssl.create_default_context())
                def ask():
                    connection.request("GET", "/health/liveliness")
                    answer = connection.getresponse()
                    answer.read()
                    print(answer.status, answer.headers.get("connection"), flush=True)
                ask()
                time.sleep(0.2)
                ask()
                """,
            ],
            directory: Repository.root,
            environment: ["SSL_CERT_FILE": authority]
        )
        #expect(try await client.standardOutput.first(#/200 None\n/#) != nil)
        try await service.stop()
        #expect(try await client.status == 0, "\(client.standardError.text)")
        #expect(client.standardOutput.text == "200 None\n200 close\n")
    }
}
