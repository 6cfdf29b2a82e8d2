import Foundation

/// A program that a test starts, with a directory and an environment of the test's choice.
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
    /// A pipe that the system closes when the tests' process ends for whatever reason.
    private let lifeline: Pipe?

    /// Starts `executable`. It gets `environment` and a PATH, and nothing else of the test's own environment.
    ///
    /// - Parameters:
    ///   - sockets: further descriptors that it gets, from 3 on.
    ///   - outlivesTest: whether it serves all tests, and ends with their process.
    init(
        _ executable: URL,
        _ arguments: [String],
        directory: URL,
        environment: [String: String] = [:],
        sockets: [Int32] = [],
        outlivesTest: Bool = false
    ) throws {
        lifeline = outlivesTest ? Pipe() : nil
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw HarnessError("\(executable.path) is not there; `make test` builds and installs what the tests need")
        }
        // A program for all tests ends when the shell's input does, however this process ends.
        let shell = ["-c", #""$@" & read -r line; kill -9 $!"#, "sh", executable.path]
        processIdentifier = try Spawn.start(
            outlivesTest ? "/bin/sh" : executable.path,
            (outlivesTest ? shell : []) + arguments,
            directory: directory.path,
            environment: Self.environment.merging(environment) { $1 },
            input: lifeline?.fileHandleForReading.fileDescriptor,
            output: standardOutput.writingEnd.fileDescriptor,
            error: standardError.writingEnd.fileDescriptor,
            sockets: sockets
        )
        Spawn.whenEnded(processIdentifier) { [exitStatus] status in exitStatus.update { $0 = status } }
        try standardOutput.writingEnd.close()
        try standardError.writingEnd.close()
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

    private static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
    ]
}
