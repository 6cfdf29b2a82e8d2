import Foundation
import Testing

/// Which servers the gateway speaks to, and how it says who it is.
@Suite("ssl_verify", .timeLimit(.minutes(1)))
struct CertificateVerificationTests {
    /// Answers over TLS, on one port for each pair of a certificate and its key.
    private static let servers = """
        import http.server, ssl, sys, threading
        body = b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":' \\
            b'{"role":"assistant","content":"hello"},"logprobs":null,"finish_reason":"stop"}]}'
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def log_message(self, *arguments): pass
            def do_POST(self):
                self.rfile.read(int(self.headers['content-length']))
                self.send_response(200)
                self.send_header('content-type', 'application/json')
                self.send_header('content-length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, address): pass
        for certificate, key in zip(sys.argv[1::2], sys.argv[2::2]):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server = Server(('127.0.0.1', 0), Handler)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            threading.Thread(target=server.serve_forever).start()
            print('port', server.server_port, flush=True)
        print('ready', flush=True)
        """

    @Test("is a file of authorities or none at all, for one model or for all, and otherwise a server is not spoken to")
    func verification() async throws {
        let authority = try await CertificateAuthority.make()
        let stranger = try await CertificateAuthority.make()
        let own = try await authority.certificate("server", names: "DNS:localhost,IP:127.0.0.1")
        let other = try await authority.certificate("other", names: "DNS:elsewhere.example")
        let servers = try Command(
            Repository.python,
            ["-c", Self.servers, own.certificate, own.key, other.certificate, other.key],
            directory: Repository.root
        )
        defer { servers.signal(SIGKILL) }
        _ = try await servers.standardOutput.first(#/ready/#)
        let ports = servers.standardOutput.text.matches(of: #/port (\d+)/#).map { String($0.output.1) }
        try #require(ports.count == 2)
        func model(_ name: String, _ port: String, _ verify: String) -> String {
            let base = "api_base: \"https://127.0.0.1:\(port)/v1\""
            return "  - {model_name: \(name), litellm_params: {model: openai/m, \(base), api_key: k\(verify)}}\n"
        }
        let configuration =
            "model_list:\n" + model("all", ports[0], "") + model("system", ports[0], ", ssl_verify: true")
            + model("stranger", ports[0], ", ssl_verify: \(stranger.file)")
            + model("unchecked", ports[0], ", ssl_verify: false")
            + model("misnamed", ports[1], "") + model("misnamed unchecked", ports[1], ", ssl_verify: false")
            + "litellm_settings: {num_retries: 0, ssl_verify: \(authority.file)}\n"
        try await withGateway(configuration) { gateway, _ async throws in
            for name in ["all", "unchecked", "misnamed unchecked"] {
                let answer = try await gateway.chat("hi", model: name)
                #expect(answer.status == 200 && answer.content == "hello", "\(name): \(answer.text)")
            }
            for name in ["system", "stranger", "misnamed"] {
                let answer = try await gateway.chat("hi", model: name)
                #expect(answer.status == 502, "\(name): \(answer.text)")
                #expect(answer.json["error"]["code"].string == "upstream_tls_failed", "\(name): \(answer.text)")
            }
            let warnings = gateway.log.split(separator: "\n").filter { $0.contains("with 'ssl_verify: false' anybody") }
            #expect(warnings.count == 2, "\(gateway.log)")
        }
    }
}
