import Foundation

/// Models' servers that answer over TLS, one for each certificate. They end with their last owner.
final class TLSModels: Sendable {
    /// The ports, in the order of the certificates.
    let ports: [String]
    private let command: Command

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

    /// - Parameter certificates: the files of each certificate and its key.
    static func start(_ certificates: [(certificate: String, key: String)]) async throws -> TLSModels {
        let files = certificates.flatMap { [$0.certificate, $0.key] }
        let command = try Command(Repository.python, ["-c", servers] + files, directory: Repository.root)
        _ = try await command.standardOutput.first(#/ready/#)
        let ports = command.standardOutput.text.matches(of: #/port (\d+)/#).map { String($0.output.1) }
        guard ports.count == certificates.count else {
            throw HarnessError("the servers did not start: \(command.standardError.text)")
        }
        return TLSModels(command, ports)
    }

    private init(_ command: Command, _ ports: [String]) {
        self.command = command
        self.ports = ports
    }

    deinit { command.signal(SIGKILL) }
}
