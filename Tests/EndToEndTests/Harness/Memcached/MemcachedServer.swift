import Foundation

/// A real memcached of Debian, on a free port, which ends when its last owner does.
final class MemcachedServer: Sendable {
    let port: Int
    private let arguments: [String]
    private let process: Observed<Command>

    /// - Parameter arguments: further settings, as on its command line.
    static func start(_ arguments: [String] = []) async throws -> MemcachedServer {
        let server = try MemcachedServer(FreePort.find(), arguments)
        try await server.answers()
        return server
    }

    private init(_ port: Int, _ arguments: [String]) throws {
        self.port = port
        self.arguments = ["-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-u", NSUserName(), "-m", "64"] + arguments
        process = Observed(try Self.launch(self.arguments))
    }

    deinit { process.value.signal(SIGKILL) }

    /// Stops the process: connections stay open, and nothing is answered.
    /// Stops the process, and returns when each of its threads has stopped: the signal takes a while to arrive.
    func freeze() async throws {
        let identifier = process.value.processIdentifier
        process.value.signal(SIGSTOP)
        try await eventually("memcached has stopped") {
            let tasks = "/proc/\(identifier)/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { task in
                try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8).contains(") T ")
            }
        }
    }

    func thaw() { process.value.signal(SIGCONT) }

    func kill() async throws {
        process.value.signal(SIGKILL)
        _ = try await process.value.status
    }

    /// Starts it again after `kill`, empty, and waits until it serves.
    func restart() async throws {
        let again = try Self.launch(arguments)
        process.update { $0 = again }
        try await answers()
    }

    private static func launch(_ arguments: [String]) throws -> Command {
        try Command(Command.find("memcached"), arguments, directory: Repository.root)
    }

    private func answers() async throws {
        try await eventually("memcached answers") { (try? await Connection.open(port: port)) != nil }
    }
}
