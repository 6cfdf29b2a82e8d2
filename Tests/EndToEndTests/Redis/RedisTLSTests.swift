import Foundation
import Testing

@Suite("Redis over TLS", .timeLimit(.minutes(2)))
struct RedisTLSTests {
    /// Starts a server that accepts only TLS.
    private func server(
        _ certificate: (certificate: String, key: String),
        _ authority: CertificateAuthority,
        asksForCertificate: Bool = false
    ) async throws -> RedisServer {
        let port = try FreePort.find()
        var client = ["--tls", "--cacert", authority.file]
        if asksForCertificate { client += ["--cert", certificate.certificate, "--key", certificate.key] }
        return try await RedisServer.start(
            [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", certificate.certificate, "--tls-key-file",
                certificate.key, "--tls-ca-cert-file", authority.file, "--tls-auth-clients",
                asksForCertificate ? "yes" : "no",
            ],
            port: port,
            client: client + ["--insecure"]
        )
    }

    private func configuration(_ port: Int, _ parameters: String) -> String {
        Configurations.cached("type: redis\nhost: localhost\nport: \(port)\nssl: true\n\(parameters)")
    }

    private func expectHits(_ configuration: String) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").isHit, "\(gateway.log)")
            #expect(upstream.calls == 1)
        }
    }

    /// Expects that the gateway goes on without the cache and logs the reason once.
    private func expectRefusal(_ configuration: String, _ words: String) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            for number in 0..<8 { #expect(try await gateway.chat("hello \(number)").status == 200) }
            #expect(upstream.calls == 8)
            let lines = gateway.log.split(whereSeparator: \.isNewline).filter {
                $0.contains(words) && $0.contains("degraded")
            }
            #expect(lines.count == 1, "\(gateway.log)")
        }
    }

    @Test("A certificate of a private authority is trusted where the authority is named")
    func trusted() async throws {
        let authority = try await CertificateAuthority.make()
        let server = try await server(authority.certificate("server", names: "DNS:localhost,IP:127.0.0.1"), authority)
        try await expectHits(configuration(server.port, "ssl_ca_certs: \(authority.file)"))
        let url = "rediss://localhost:\(server.port)/1"
        try await expectHits(Configurations.cached("type: redis\nurl: \(url)\nssl_ca_certs: \(authority.file)"))
        try await expectHits(
            Configurations.cached(
                "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nssl: true\nssl_ca_certs: \(authority.file)"
            )
                + ""
        )
        let text = try String(contentsOfFile: authority.file, encoding: .utf8).replacingOccurrences(
            of: "\n",
            with: "\\n"
        )
        try await expectHits(configuration(server.port, "ssl_ca_data: \"\(text)\""))
    }

    @Test("An authority that nobody trusts is refused")
    func unknownAuthority() async throws {
        let authority = try await CertificateAuthority.make()
        let other = try await CertificateAuthority.make()
        let server = try await server(authority.certificate("server", names: "DNS:localhost"), authority)
        try await expectRefusal(configuration(server.port, "ssl_ca_certs: \(other.file)"), "certificate is not trusted")
        try await expectRefusal(configuration(server.port, ""), "certificate is not trusted")
        try await expectHits(configuration(server.port, "ssl_cert_reqs: none"))
    }

    @Test("A certificate for another name is refused")
    func wrongName() async throws {
        let authority = try await CertificateAuthority.make()
        let server = try await server(authority.certificate("server", names: "DNS:other.example"), authority)
        let trusting = "ssl_ca_certs: \(authority.file)"
        try await expectRefusal(configuration(server.port, trusting), "certificate is not for this name")
        try await expectHits(configuration(server.port, trusting + "\nssl_check_hostname: false"))
    }

    @Test("A server that asks for a certificate gets ours")
    func clientCertificate() async throws {
        let authority = try await CertificateAuthority.make()
        let certificate = try await authority.certificate("both", names: "DNS:localhost,IP:127.0.0.1")
        let server = try await server(certificate, authority, asksForCertificate: true)
        let trusting = "ssl_ca_certs: \(authority.file)"
        try await expectHits(
            configuration(
                server.port,
                trusting + "\nssl_certfile: \(certificate.certificate)\nssl_keyfile: \(certificate.key)"
            )
        )
        try await expectRefusal(configuration(server.port, trusting), "give 'ssl_certfile'")
    }
}
