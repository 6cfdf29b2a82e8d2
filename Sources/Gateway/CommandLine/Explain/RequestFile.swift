import Glibc
import NIOCore

/// A file with the body of a request, or standard input.
struct RequestFile {
    /// The path. `-` stands for standard input.
    let path: String

    /// Why a file cannot be read, in one line.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What the file is called in messages.
    var name: String { isStandardInput ? "standard input" : path }

    var isStandardInput: Bool { path.utf8.elementsEqual("-".utf8) }

    /// Whether there is something at the path.
    var exists: Bool { isStandardInput || access(path, F_OK) == 0 }

    /// Reads the file, but no more than one byte beyond `limit`.
    func read(atMost limit: Int) throws(Failure) -> ByteBuffer {
        let descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { if !isStandardInput { close(descriptor) } }
        var bytes = ByteBuffer()
        while bytes.readableBytes <= limit {
            let wanted = min(1 << 20, limit + 1 - bytes.readableBytes)
            var reason: Int32 = 0
            let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
                var count = Glibc.read(descriptor, room.baseAddress, min(wanted, room.count))
                while count < 0, errno == EINTR {
                    count = Glibc.read(descriptor, room.baseAddress, min(wanted, room.count))
                }
                if count < 0 { reason = errno }
                return max(0, count)
            }
            guard reason == 0 else { throw failure(reason) }
            if count == 0 { break }
        }
        return bytes
    }

    private func failure(_ code: Int32) -> Failure {
        Failure(description: "\(name) cannot be read: \(String(cString: strerror(code)).lowercased())")
    }
}
