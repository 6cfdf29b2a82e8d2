import Glibc

/// The file in which a gateway writes the number of its process. The process holds a lock on it for as long as it lives, so
/// that a file that a crash left behind is not taken for a gateway's.
struct PIDFile: Sendable {
    /// Why the file cannot be used, in one line.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String
    /// Open for as long as the process lives, for the lock.
    private let descriptor: Int32
    private let file: (device: dev_t, inode: ino_t)

    /// The file beside it, in which the last reload is described.
    var statusPath: String { Self.statusPath(of: path) }

    static func statusPath(of path: String) -> String { path + ".status" }

    /// Writes the file. One that is there already is replaced; a gateway that it belongs to goes on, as it does where another
    /// process takes its place while it finishes its requests.
    static func write(_ path: String) throws(Failure) -> PIDFile {
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        let line = Array("\(getpid())\n".utf8)
        var status = stat()
        guard Glibc.write(descriptor, line, line.count) == line.count, fstat(descriptor, &status) == 0,
            flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(temporary, path) == 0
        else {
            let failure = failure(path)
            close(descriptor)
            unlink(temporary)
            throw failure
        }
        return PIDFile(path: path, descriptor: descriptor, file: (status.st_dev, status.st_ino))
    }

    /// Removes the file and the status beside it, unless another gateway has replaced them.
    func remove() {
        var status = stat()
        guard stat(path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode else { return }
        unlink(path)
        unlink(statusPath)
    }

    /// Returns the process whose file this is.
    ///
    /// - Throws: where there is no such file, or no gateway that has written it is running.
    static func process(of path: String) throws(Failure) -> pid_t {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        guard let number = pid_t(String(decoding: digits, as: UTF8.self)), number > 1 else {
            throw Failure(description: "\(path) does not hold the number of a process")
        }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            throw Failure(description: "no gateway is running with the pid file \(path); process \(number) has ended")
        }
        return number
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "the pid file \(path) cannot be used: \(String(cString: strerror(errno)).lowercased())")
    }
}
