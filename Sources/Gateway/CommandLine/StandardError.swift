import ArgumentParser
import Glibc

/// The stream for everything except a command's result.
enum StandardError {
    /// Writes the text and a line end.
    ///
    /// - Parameter patience: how long to wait for room for the next part, in milliseconds. By default it waits for
    ///   ever, as commands do whose output is shown in a pager.
    static func print(_ text: String, patience: Int32 = -1) {
        let bytes = Array((text + "\n").utf8)
        var written = 0
        while written < bytes.count {
            var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&state, 1, patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return }
            // After a poll, a pipe accepts this many bytes without blocking.
            let length = min(bytes.count - written, LogFormat.longestLine)
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress?.advanced(by: written), length) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}

/// Prints failures as one line each.
enum OneLine {
    /// Returns the result, or prints the error as one line on standard error and exits with code 1.
    static func orExit<Value, Failure: Error & CustomStringConvertible>(
        _ body: () throws(Failure) -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            StandardError.print("gateway: \(error.description)")
            throw ExitCode(1)
        }
    }
}
