import Foundation

/// The gateway as a service manager runs it: with any arguments, variables and sockets.
final class Service: Sendable {
    let directory: TemporaryDirectory
    private let command: Command

    /// - Parameters:
    ///   - configuration: the text of `config.yaml`.
    ///   - arguments: further command line arguments.
    ///   - sockets: the listening sockets that it gets as systemd passes them, in `LISTEN_FDS`.
    ///   - names: the names of the sockets.
    ///   - dotEnv: the text of the `.env` file in its working directory.
    init(
        _ configuration: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        sockets: [Int32] = [],
        names: String? = nil,
        dotEnv: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "config.yaml")
        if let dotEnv { try directory.write(dotEnv, to: ".env") }
        var environment = environment
        if !sockets.isEmpty { environment["LISTEN_FDS"] = "\(sockets.count)" }
        if let names { environment["LISTEN_FDNAMES"] = names }
        let gateway = ["--config", file.path, "--plugin-dir", Repository.plugins.path] + arguments
        // The variable has the number of the process, which stays the same.
        let shell = ["-c", #"LISTEN_PID=$$ exec "$0" "$@""#, Repository.gateway.path]
        command = try Command(
            sockets.isEmpty ? Repository.gateway : URL(fileURLWithPath: "/bin/sh"),
            (sockets.isEmpty ? [] : shell) + gateway,
            directory: directory.url,
            environment: environment,
            sockets: sockets
        )
    }

    deinit { command.signal(SIGKILL) }

    var processIdentifier: pid_t { command.processIdentifier }
    var log: String { command.standardError.text }
    func signal(_ number: Int32) { command.signal(number) }

    /// The exit status, once it has stopped and its log is complete.
    var status: Int32 {
        get async throws {
            try await command.standardError.end()
            return try await command.status
        }
    }

    /// Waits until a line of the log matches.
    func logged<Match>(_ pattern: Regex<Match>) async throws -> Bool {
        try await command.standardError.first(pattern) != nil
    }

    /// Waits until it listens.
    /// - Returns: the port of its first address, or 0 where that is a Unix socket.
    @discardableResult
    func listening() async throws -> Int {
        guard let line = try await command.standardError.first(#/listening on ([^ \n]+)\n/#) else {
            throw HarnessError("the gateway did not start, status \(try await status):\n\(log)")
        }
        return Int(line.output.1.split(separator: ":").last ?? "") ?? 0
    }

    /// Stops it, and expects that it ends well.
    func stop() async throws {
        command.signal(SIGTERM)
        let status = try await status
        if status != 0 { throw HarnessError("status \(status):\n\(log)") }
    }
}

/// A listening socket that a test passes to gateways.
final class PassedSocket: Sendable {
    let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1_024) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isListening else { throw HarnessError("no socket listens: \(errno)") }
    }

    deinit { close(descriptor) }
}

/// A service manager's socket, from which a test reads what the gateway says.
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.url.path + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = descriptor
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound else { throw HarnessError("no socket at \(path): \(errno)") }
    }

    deinit { close(descriptor) }

    /// Whether a message arrives in time. Others before it are dropped.
    func receives(_ message: String, within seconds: Int = 20) async throws -> Bool {
        for _ in 0..<seconds * 100 {
            while let next = next() { if next == message { return true } }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// The next message, if one is there.
    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
