@preconcurrency import Glibc

/// The descriptors 0 to 2 of the process.
enum StandardStreams {
    /// Opens /dev/null on those that are closed, so that no connection gets their numbers and with them the log. It
    /// must be called before anything else is opened.
    static func open() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The system assigns the lowest free number.
            _ = Glibc.open("/dev/null", O_RDWR)
        }
    }

    /// Lets a command whose output could not be written print an error and exit with 1, whichever code wrote it: a full
    /// disk must not look like success.
    static func checkOutputAtExit() {
        atexit {
            errno = 0
            let isFlushed = fflush(stdout) == 0
            guard !isFlushed || ferror(stdout) != 0 else { return }
            let reason = errno == 0 ? "a write failed" : String(cString: strerror(errno))
            StandardError.print("gateway: cannot write to standard output: \(reason)")
            _exit(1)
        }
    }
}
