import Foundation
import Testing

/// The release binary, running with a configuration of the test's choice.
final class GatewayProcess: Sendable {
    let port: Int
    let directory: TemporaryDirectory
    private let command: Command

    /// Starts the gateway on a free port and returns when it answers the liveness probe.
    ///
    /// - Parameters:
    ///   - configuration: the text of `config.yaml`.
    ///   - environment: the gateway's environment, apart from a PATH.
    ///   - arguments: further command line arguments.
    ///   - dotEnv: the text of the `.env` file in its working directory.
    ///   - descriptorLimit: how many descriptors it may open.
    ///   - softDescriptorLimit: the soft limit, which it may raise.
    static func start(
        _ configuration: String,
        environment: [String: String] = [:],
        arguments: [String] = [],
        dotEnv: String? = nil,
        plugins: URL = Repository.plugins,
        descriptorLimit: Int? = nil,
        softDescriptorLimit: Int? = nil
    ) async throws -> GatewayProcess {
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "config.yaml")
        if let dotEnv { try directory.write(dotEnv, to: ".env") }
        let limits = [
            descriptorLimit.map { "ulimit -Hn \($0);" }, "ulimit -Sn \(softDescriptorLimit ?? descriptorLimit ?? 0);",
        ]
        let shell = ["-c", limits.reversed().compactMap { $0 }.joined() + #"exec "$0" "$@""#, Repository.gateway.path]
        let command = try Command(
            descriptorLimit == nil ? Repository.gateway : URL(fileURLWithPath: "/bin/sh"),
            (descriptorLimit == nil ? [] : shell)
                + ["--config", file.path, "--host", "127.0.0.1", "--port", "0", "--plugin-dir", plugins.path]
                + arguments,
            directory: directory.url,
            environment: environment
        )
        guard let match = try await command.standardError.first(#/listening on http:\\?/\\?/[^ "\n]*:(\d+)[^\d]/#),
            let port = Int(match.output.1)
        else {
            let status = try await command.status
            throw HarnessError("the gateway did not start, status \(status):\n\(command.standardError.text)")
        }
        let gateway = GatewayProcess(command, directory, port)
        let answer = try await gateway.get("/health/liveliness")
        guard answer.status == 200 else { throw HarnessError("the gateway started but answers \(answer.status)") }
        return gateway
    }

    private init(_ command: Command, _ directory: TemporaryDirectory, _ port: Int) {
        self.command = command
        self.directory = directory
        self.port = port
    }

    deinit { command.signal(SIGKILL) }

    var processIdentifier: pid_t { command.processIdentifier }

    var url: String { "http://127.0.0.1:\(port)" }

    /// The log so far.
    var log: String { command.standardError.text }

    /// Waits until a line of the log matches.
    func logged<Match>(_ pattern: Regex<Match>) async throws -> Bool {
        try await command.standardError.first(pattern) != nil
    }

    /// Waits until the cache stores entries, because it connects after the gateway has begun to serve.
    func cacheIsReady() async throws {
        try await eventually("the cache is connected") { try await get("/cache/ping").status == 200 }
    }

    /// Stops the gateway, as a service manager does.
    func terminate() { command.signal(SIGTERM) }

    /// The exit status, once it has stopped.
    var status: Int32 {
        get async throws { try await command.status }
    }

    // MARK: Requests

    func connect() async throws -> Connection { try await Connection.open(port: port) }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Response {
        try await send("GET", path, nil, headers: headers)
    }

    /// Posts a JSON body.
    func post(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> Response {
        try await send("POST", path, body, headers: ["Content-Type": "application/json"].merging(headers) { $1 })
    }

    /// Sends one request over a connection of its own.
    func send(
        _ method: String,
        _ path: String,
        _ body: String?,
        headers: [String: String] = [:]
    ) async throws -> Response {
        let connection = try await connect()
        try await connection.send(Self.request(method, path, body, headers: headers))
        return try await connection.readResponse()
    }

    /// The bytes of a request.
    static func request(
        _ method: String,
        _ path: String,
        _ body: String?,
        headers: [String: String] = [:]
    ) -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: gateway\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n" + (body ?? "")
    }

    /// Sends a chat model one question. `members` is further JSON for the body, such as `"cache":{"ttl":1}`.
    func chat(
        _ question: String,
        model: String = "gpt-3.5-turbo",
        _ members: String = "",
        headers: [String: String] = [:]
    ) async throws -> Response {
        let more = members.isEmpty ? "" : ",\(members)"
        return try await post(
            "/v1/chat/completions",
            #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(question)"}]\#(more)}"#,
            headers: headers
        )
    }

    /// Sends a question to a chat model, and returns when the gateway has read it. The caller reads the answer from the
    /// connection.
    func asking(_ question: String, _ members: String = "", headers: [String: String] = [:]) async throws -> Connection
    {
        let connection = try await connect()
        let more = members.isEmpty ? "" : ",\(members)"
        let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(question)"}]\#(more)}"#
        try await connection.send(Self.request("POST", "/v1/chat/completions", body, headers: headers))
        // Each of the gateway's loops reads in the order of arrival, and one of several connections belongs to that
        // loop.
        for _ in 0..<12 { _ = try await get("/health/liveliness") }
        return connection
    }

    /// Requests embeddings of `inputs`.
    func embed(
        _ inputs: [String],
        _ members: String = "",
        headers: [String: String] = [:]
    ) async throws -> Response {
        let list = inputs.map { #""\#($0)""# }.joined(separator: ",")
        let more = members.isEmpty ? "" : ",\(members)"
        return try await post(
            "/v1/embeddings",
            #"{"model":"text-embedding-ada-002","input":[\#(list)]\#(more)}"#,
            headers: headers
        )
    }

    /// Waits until all of `inputs` are cached, without a call to the model. A backend may still be storing them when
    /// the client has its answer.
    func hasEmbeddings(_ inputs: [String]) async throws {
        try await eventually("\(inputs.count) embeddings are cached") {
            try await embed(inputs, headers: ["Cache-Control": "only-if-cached"]).isHit
        }
    }
}

/// Runs `body` with a gateway in front of a fresh upstream and stops the gateway afterwards, which must end with
/// status 0. In `configuration`, `UPSTREAM` stands for the upstream's address.
func withGateway(
    _ configuration: String = Configurations.local,
    environment: [String: String] = [:],
    arguments: [String] = [],
    dotEnv: String? = nil,
    plugins: URL = Repository.plugins,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
) async throws {
    let upstream = try await RecordingUpstream.start()
    func resolved(_ text: String) -> String { text.replacingOccurrences(of: "UPSTREAM", with: upstream.url) }
    let gateway = try await GatewayProcess.start(
        resolved(configuration),
        environment: environment.mapValues(resolved),
        arguments: arguments,
        dotEnv: dotEnv.map(resolved),
        plugins: plugins
    )
    do {
        try await body(gateway, upstream)
    } catch {
        Issue.record("\(error)\nThe gateway's log:\n\(gateway.log)", sourceLocation: sourceLocation)
    }
    gateway.terminate()
    let status = try await gateway.status
    #expect(status == 0, "the gateway's log:\n\(gateway.log)", sourceLocation: sourceLocation)
}
