import Foundation

/// A program started by a test, in a directory and an environment of the test's choosing.
final class Command: Sendable {
    /// How a program ended.
    struct Result: Sendable {
        let status: Int32
        let standardOutput: String
        let standardError: String
    }

    let standardOutput = Output()
    let standardError = Output()
    let processIdentifier: pid_t
    private let exitStatus = Observed<Int32?>(nil)
    /// Closed by the system when the tests' process ends, however it does.
    private let lifeline: Pipe?

    /// Starts `executable`. It sees `environment` and a PATH, and nothing else of the test's own environment.
    ///
    /// - Parameter outlivesTest: it is for all tests together, and ends with their process.
    init(
        _ executable: URL,
        _ arguments: [String],
        directory: URL,
        environment: [String: String] = [:],
        outlivesTest: Bool = false
    ) throws {
        lifeline = outlivesTest ? Pipe() : nil
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw HarnessError("\(executable.path) is not there; `make test` builds and installs what the tests need")
        }
        let process = Process()
        if outlivesTest {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", #""$@" & read -r line; kill -9 $!"#, "sh", executable.path] + arguments
        } else {
            process.executableURL = executable
            process.arguments = arguments
        }
        process.currentDirectoryURL = directory
        process.environment = Self.environment.merging(environment) { $1 }
        process.standardInput = lifeline ?? FileHandle.nullDevice
        process.standardOutput = standardOutput.writingEnd
        process.standardError = standardError.writingEnd
        process.terminationHandler = { [exitStatus] process in
            let status = process.terminationStatus
            exitStatus.update { $0 = process.terminationReason == .exit ? status : -status }
        }
        try Self.withSignalsUnblocked { try process.run() }
        try standardOutput.writingEnd.close()
        try standardError.writingEnd.close()
        processIdentifier = process.processIdentifier
    }

    /// The exit status, or the negative number of the signal that ended it.
    var status: Int32 {
        get async throws { try await exitStatus.first { $0 != nil } ?? 0 }
    }

    func signal(_ number: Int32) {
        if exitStatus.value == nil { kill(processIdentifier, number) }
    }

    /// Starts a program and waits for its end.
    static func run(
        _ executable: URL,
        _ arguments: [String],
        directory: URL? = nil,
        environment: [String: String] = [:]
    ) async throws -> Result {
        let command = try Command(
            executable,
            arguments,
            directory: directory ?? Repository.root,
            environment: environment
        )
        let status = try await command.status
        try await command.standardOutput.end()
        try await command.standardError.end()
        return Result(
            status: status,
            standardOutput: command.standardOutput.text,
            standardError: command.standardError.text
        )
    }

    /// Finds a program by its name, as a shell would.
    static func find(_ name: String) throws -> URL {
        for folder in Self.environment["PATH", default: ""].split(separator: ":") {
            let file = URL(fileURLWithPath: String(folder)).appending(path: name)
            if FileManager.default.isExecutableFile(atPath: file.path) { return file }
        }
        throw HarnessError("\(name) is not installed; `make test` installs what the tests need")
    }

    /// A new process inherits the signal mask of the thread that starts it, and the threads that tests run on block
    /// all signals: without this, no SIGTERM would reach it.
    private static func withSignalsUnblocked(_ start: () throws -> Void) rethrows {
        var none = sigset_t()
        var previous = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try start()
    }

    private static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    ]
}
