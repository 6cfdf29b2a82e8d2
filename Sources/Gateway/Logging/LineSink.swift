import Glibc

/// Writes whole lines to a descriptor, or to a file that may be rotated. It waits for as long as a pipe or a terminal accepts nothing, so only a thread
/// that has nothing else to do may use it.
///
/// Lines of at most `PIPE_BUF` bytes are written to a pipe whole, whatever other process writes to it (POSIX write(2)).
/// Where the system accepts only a part of a line, as a full disk does, the next line begins on a line of its own.
struct LineSink {
    private var descriptor: Int32
    private var file: LogFile?
    /// Whether the last write was a part of a line.
    private var isTorn = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    init(file: LogFile) {
        descriptor = file.descriptor
        self.file = file
    }

    /// - Parameter line: a line that ends in a line feed, or several of them.
    /// - Returns: 0, or the error number (errno) for which the line was lost.
    mutating func put(_ line: [UInt8]) -> Int32 {
        if file != nil {
            file?.follow()
            descriptor = file?.descriptor ?? descriptor
        }
        let bytes = isTorn ? [UInt8(ascii: "\n")] + line : line
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count > 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // The process that started the gateway has made the descriptor non-blocking.
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&state, 1, -1)
            case let code:
                if written > 0 { isTorn = true }
                return count == 0 ? EIO : code
            }
        }
        isTorn = false
        return 0
    }
}
