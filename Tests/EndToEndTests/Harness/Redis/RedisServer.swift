import Foundation

/// A real Redis server of Debian, on a free port and in a directory of its own, which ends when its last owner does.
final class RedisServer: Sendable {
    let port: Int
    let directory: TemporaryDirectory
    private let arguments: [String]
    private let client: [String]
    private let process: Observed<Command>

    /// - Parameters:
    ///   - arguments: further settings, as on the command line of redis-server.
    ///   - client: the arguments that redis-cli needs for it, such as `["-a", "password"]`.
    static func start(
        _ arguments: [String] = [],
        port: Int? = nil,
        client: [String] = [],
        directory: TemporaryDirectory? = nil
    ) async throws -> RedisServer {
        let port = try port ?? FreePort.find()
        let directory = try directory ?? TemporaryDirectory()
        var all = ["--save", "", "--appendonly", "no", "--dir", directory.url.path, "--bind", "127.0.0.1"]
        if !arguments.contains("--port") { all += ["--port", "\(port)"] }
        let server = try RedisServer(port, directory, all + arguments, client)
        try await server.answers()
        return server
    }

    /// A sentinel, which is a Redis server with a configuration file that it writes to.
    static func sentinel(_ file: URL, port: Int, directory: TemporaryDirectory) async throws -> RedisServer {
        let server = try RedisServer(port, directory, [file.path, "--sentinel"], [])
        try await server.answers()
        return server
    }

    private init(_ port: Int, _ directory: TemporaryDirectory, _ arguments: [String], _ client: [String]) throws {
        self.port = port
        self.directory = directory
        self.arguments = arguments
        self.client = client
        process = Observed(try Self.launch(arguments, directory))
    }

    deinit { process.value.signal(SIGKILL) }

    private static func launch(_ arguments: [String], _ directory: TemporaryDirectory) throws -> Command {
        try Command(Command.find("redis-server"), arguments, directory: directory.url)
    }

    /// The output of redis-cli for a command. An error reply is thrown, because no test can go on without the result.
    @discardableResult
    func callAsFunction(_ words: String...) async throws -> String { try await run(words) }

    @discardableResult
    func run(_ words: [String]) async throws -> String {
        let place = client.contains("-s") ? [] : ["-h", "127.0.0.1", "-p", "\(port)"]
        let result = try await Command.run(
            Command.find("redis-cli"),
            place + client + ["-e", "--no-auth-warning"] + words
        )
        guard result.status == 0 else {
            throw HarnessError("\(words.joined(separator: " ")): \(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput.trimmed
    }

    /// Every key.
    var keys: [String] {
        get async throws { try await self("KEYS", "*").split(separator: "\n").map(String.init) }
    }

    /// How often a command was called, according to INFO commandstats.
    func calls(of command: String) async throws -> Int {
        let statistics = try await self("INFO", "commandstats")
        let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line.flatMap { Int($0.dropFirst("cmdstat_\(command):calls=".count).prefix { $0.isNumber }) } ?? 0
    }

    /// Whether it still reads its data from disk.
    var isLoading: Bool {
        get async throws { try await self("INFO", "persistence").contains("loading:1") }
    }

    // MARK: Faults

    /// Stops the process: connections stay open, and nothing is answered.
    func freeze() { process.value.signal(SIGSTOP) }

    func thaw() { process.value.signal(SIGCONT) }

    /// Kills the process.
    func kill() async throws {
        process.value.signal(SIGKILL)
        _ = try await process.value.status
    }

    /// Starts it again after `kill`, with the data of its last SAVE, and waits until it serves.
    func restart() async throws {
        try relaunch()
        try await answers()
    }

    /// Starts it again after `kill`, without waiting.
    func relaunch() throws {
        let again = try Self.launch(arguments, directory)
        process.update { $0 = again }
    }

    private func answers() async throws {
        do {
            try await eventually("redis-server answers") { (try? await run(["PING"])) == "PONG" }
        } catch {
            throw HarnessError("\(error):\n\(process.value.standardOutput.text)")
        }
    }
}
