import CLinux
import Foundation

/// Starts programs. Foundation's `Process` reads beyond its memory where more than about 1,350 files are open, as in
/// tests with a thousand clients.
enum Spawn {
    /// - Parameters:
    ///   - input: its standard input. Without one, it reads nothing.
    ///   - sockets: further descriptors that it gets, from 3 on.
    static func start(
        _ executable: String,
        _ arguments: [String],
        directory: String,
        environment: [String: String],
        input: Int32?,
        output: Int32,
        error: Int32,
        sockets: [Int32] = []
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        // Copies with high numbers are not overwritten by the ones that the program gets.
        let copies = sockets.map { fcntl($0, F_DUPFD_CLOEXEC, 500) }
        defer { for copy in copies { close(copy) } }
        for (index, copy) in copies.enumerated() { posix_spawn_file_actions_adddup2(&actions, copy, 3 + Int32(index)) }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3 + Int32(sockets.count))
        posix_spawn_file_actions_addchdir_np(&actions, directory)

        // A new process inherits the signal mask of the thread that starts it, and the threads that tests run on block
        // all signals: without this, no SIGTERM would reach it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var pid = pid_t()
        let result = withTexts([executable] + arguments) { arguments in
            withTexts(environment.map { "\($0)=\($1)" }) {
                posix_spawn(&pid, executable, &actions, &attributes, arguments, $0)
            }
        }
        guard result == 0 else {
            throw HarnessError("\(executable) cannot be started: \(String(cString: strerror(result)))")
        }
        return pid
    }

    /// Waits for a program's end on a thread of its own.
    /// - Parameter done: called with the exit status, or the negative number of the signal that ended it.
    static func whenEnded(_ pid: pid_t, _ done: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            done(signal == 0 ? (status >> 8) & 0xFF : -signal)
        }
    }

    private static func withTexts<Result>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
