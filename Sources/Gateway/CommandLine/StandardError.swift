import ArgumentParser
import Glibc

/// The stream for what is not a command's result.
enum StandardError {
    static func print(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Failures as one line each.
enum OneLine {
    /// The result, or the error as a line on standard error and the exit code 1.
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
