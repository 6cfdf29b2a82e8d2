import Foundation

/// The release binary with a log that goes to a descriptor of the test's choice.
final class DescriptorGateway: Sendable {
    let port: Int
    private let directory: TemporaryDirectory
    private let processIdentifier: pid_t
    private let exitStatus: Observed<Int32?>

    /// Starts the gateway, without waiting for it.
    ///
    /// - Parameters:
    ///   - log: the descriptor for standard error.
    ///   - fileSizeLimit: how many 512-byte blocks it may write to a file.
    init(
        _ configuration: String,
        log: Int32,
        port: Int? = nil,
        arguments: [String] = [],
        plugins: URL = Repository.plugins,
        fileSizeLimit: Int? = nil
    ) throws {
        directory = try TemporaryDirectory()
        self.port = try port ?? FreePort.find()
        let file = try directory.write(configuration, to: "config.yaml")
        let output = open("/dev/null", O_WRONLY)
        defer { close(output) }
        let gateway =
            [Repository.gateway.path, "--config", file.path, "--host", "127.0.0.1", "--port", "\(self.port)"]
            + ["--plugin-dir", plugins.path] + arguments
        let shell = ["-c", #"ulimit -f "$0"; exec "$@""#, "\(fileSizeLimit ?? 0)"]
        processIdentifier = try Spawn.start(
            fileSizeLimit == nil ? gateway[0] : "/bin/sh",
            fileSizeLimit == nil ? Array(gateway.dropFirst()) : shell + gateway,
            directory: directory.url.path,
            environment: ["PATH": "/usr/bin:/bin"],
            input: nil,
            output: output,
            error: log
        )
        exitStatus = Observed(nil)
        Spawn.whenEnded(processIdentifier) { [exitStatus] status in exitStatus.update { $0 = status } }
    }

    deinit { if exitStatus.value == nil { kill(processIdentifier, SIGKILL) } }

    /// Waits until it answers.
    func isUp() async throws {
        try await eventually("the gateway answers") {
            guard exitStatus.value == nil else { throw HarnessError("the gateway ended with \(try await status)") }
            guard let connection = try? await Connection.open(port: port) else { return false }
            try await connection.send(GatewayProcess.request("GET", "/health/liveliness", nil))
            return try await connection.readResponse().status == 200
        }
    }

    func chat(_ question: String) async throws -> Response {
        let connection = try await Connection.open(port: port)
        let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(question)"}]}"#
        let headers = ["Content-Type": "application/json"]
        try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body, headers: headers))
        return try await connection.readResponse()
    }

    /// Stops the gateway, and waits until it has stopped.
    func stop() async throws -> Int32 {
        kill(processIdentifier, SIGTERM)
        return try await status
    }

    var status: Int32 {
        get async throws { try await exitStatus.first { $0 != nil } ?? 0 }
    }
}

/// A pipe or terminal: one end is a program's log, and the other is read when the test decides.
final class UnreadLog: Sendable {
    let writingEnd: Int32
    private let readingEnd: Int32

    static func pipe() throws -> UnreadLog {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw HarnessError("there is no pipe to be had") }
        return UnreadLog(reading: ends[0], writing: ends[1])
    }

    static func terminal() throws -> UnreadLog {
        // These are TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), since posix_openpt is not available in Swift.
        var (isLocked, number): (Int32, UInt32) = (0, 0)
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard master >= 0, ioctl(master, 0x4004_5431, &isLocked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
            throw HarnessError("there is no terminal to be had")
        }
        return UnreadLog(reading: master, writing: open("/dev/pts/\(number)", O_RDWR | O_NOCTTY))
    }

    private init(reading: Int32, writing: Int32) {
        readingEnd = reading
        writingEnd = writing
        for end in [reading, writing] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readingEnd)
        close(writingEnd)
    }

    /// Writes until there is no more room. The description is shared, so it is made blocking again.
    func fill() {
        let flags = fcntl(writingEnd, F_GETFL)
        _ = fcntl(writingEnd, F_SETFL, flags | O_NONBLOCK)
        for size in [4_096, 1] {
            let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: size)
            while write(writingEnd, bytes, size) > 0 {}
        }
        _ = fcntl(writingEnd, F_SETFL, flags)
    }

    /// Starts reading.
    func read() -> Output { Output(reading: dup(readingEnd)) }
}
