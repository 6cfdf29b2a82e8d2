import CLinux
import Glibc

/// A program that is run to its end, for what may crash, hang or exit.
public struct Subprocess: Sendable {
    /// How the program ended.
    public enum End: Sendable, Equatable {
        case exited(status: Int32)
        /// A signal ended it.
        case killed(signal: Int32)
        /// It was killed because its time was over.
        case timedOut
    }

    /// What the program left.
    public struct Result: Sendable {
        /// How it ended.
        public let end: End
        /// What it wrote to its standard output, up to `mostOutput` bytes.
        public let output: [UInt8]
        /// What it wrote to its standard error, up to `mostOutput` bytes.
        public let errors: [UInt8]
        /// What it wrote to the descriptor `report`, up to `mostOutput` bytes.
        public let report: [UInt8]

        public init(end: End, output: [UInt8], errors: [UInt8], report: [UInt8]) {
            (self.end, self.output, self.errors, self.report) = (end, output, errors, report)
        }
    }

    /// The program could not be started.
    public struct CannotStart: Error, CustomStringConvertible {
        public let description: String
    }

    /// The descriptor on which a program reports to the one that started it.
    public static let report: Int32 = 3
    /// How much is kept of each stream, in bytes. The rest is read and dropped.
    public static let mostOutput = 1 << 20

    /// The program's file.
    public let executable: String
    /// Its arguments, without its own name.
    public let arguments: [String]

    /// Variables of its environment beside those of this process.
    public let variables: [String: String]

    public init(_ executable: String, _ arguments: [String], variables: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.variables = variables
    }

    /// [any thread] Runs the program and waits for its end. It reads nothing, and
    /// inherits no other descriptor. Whatever it started itself and is left behind in its process group is killed.
    ///
    /// - Parameter seconds: how long it may run.
    public func run(seconds: Double) throws(CannotStart) -> Result {
        let pipes = [ReadingPipe(), ReadingPipe(), ReadingPipe()]
        guard pipes.allSatisfy(\.isOpen) else {
            pipes.forEach { $0.close() }
            throw CannotStart(description: "no pipe can be made: \(String(cString: strerror(errno)))")
        }
        let (pid, code) = spawn(pipes.map(\.writingEnd))
        for pipe in pipes { pipe.closeWritingEnd() }
        guard code == 0 else {
            pipes.forEach { $0.close() }
            throw CannotStart(description: "\(executable) cannot be started: \(String(cString: strerror(code)))")
        }
        var supervision = Supervision(pid: pid, pipes: pipes, deadline: Supervision.now + seconds)
        let end = supervision.wait()
        let streams = supervision.streams
        pipes.forEach { $0.close() }
        return Result(end: end, output: streams[0], errors: streams[1], report: streams[2])
    }

    private func spawn(_ writingEnds: [Int32]) -> (pid: pid_t, code: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (index, descriptor) in writingEnds.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index) + 1)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 4)

        // A thread's blocked signals and the ignored ones would be inherited.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid = pid_t()
        let texts = ([executable] + arguments).map { strdup($0) }
        defer { for text in texts { free(text) } }
        let environment = environment().map { strdup($0) }
        defer { for text in environment { free(text) } }
        let code = posix_spawn(&pid, executable, &actions, &attributes, texts + [nil], environment + [nil])
        return (pid, code)
    }

    private func environment() -> [String] {
        var texts: [String] = []
        var next = environ
        while let text = next.pointee.map({ String(cString: $0) }) {
            if !variables.keys.contains(where: { text.hasPrefix($0 + "=") }) { texts.append(text) }
            next += 1
        }
        return texts + variables.map { "\($0)=\($1)" }
    }

    /// Lets Swift's runtime not write a backtrace when the program crashes, which takes seconds, and after which a
    /// signal that was raised would be forgotten.
    public static let withoutBacktrace = ["SWIFT_BACKTRACE": "enable=no"]

    /// The file of the program that is running.
    public static var ownExecutable: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "/proc/self/exe" }
        defer { free(path) }
        return String(cString: path)
    }

    /// Lets this process be killed when the thread that started it ends.
    public static func endWithParent() { _ = gateway_end_with_parent() }
}
