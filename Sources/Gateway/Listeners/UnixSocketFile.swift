import Glibc

/// The file of a Unix socket on which this process listens.
///
/// The socket is bound to another name beside its own and then renamed. So a client finds a socket that is listening and
/// has its permissions, or the one that was there before, and never none.
struct UnixSocketFile: Sendable {
    /// Why the file cannot be made.
    enum Failure: Error {
        /// Something else is at the path.
        case isNoSocket
        /// Another process listens there.
        case isServed
        /// The system refuses it, with this `errno`.
        case system(Int32)
    }

    /// The longest path in bytes. There must be room for a process's number after it.
    static let longestPath = UnixAddress.longest - 12

    let path: String
    /// Tells the file from one that another process has put in its place.
    private let identity: (device: dev_t, file: ino_t)

    /// Binds a socket to a path and listens. A socket's file at the path that nobody serves is replaced.
    ///
    /// - Parameters:
    ///   - descriptor: a socket that is not bound.
    ///   - mode: the permissions of the file.
    ///   - takesOver: whether the file is replaced although another process serves it. That one keeps the connections that
    ///     it has, and those that wait for it.
    init(_ descriptor: Int32, path: String, mode: mode_t, backlog: Int32, takesOver: Bool) throws(Failure) {
        var present = stat()
        if lstat(path, &present) == 0 {
            guard present.st_mode & S_IFMT == S_IFSOCK else { throw .isNoSocket }
            if !takesOver, Self.isServed(path) { throw .isServed }
        }
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        // The file begins with these permissions, less those that the umask takes.
        fchmod(descriptor, mode)
        guard let address = UnixAddress(temporary) else { throw .system(ENAMETOOLONG) }
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw .system(errno) }
        var own = stat()
        guard chmod(temporary, mode) == 0, listen(descriptor, backlog) == 0, lstat(temporary, &own) == 0,
            rename(temporary, path) == 0
        else {
            let code = errno
            unlink(temporary)
            throw .system(code)
        }
        self.path = path
        identity = (own.st_dev, own.st_ino)
    }

    /// Removes the file, unless another process has put its own in its place.
    func remove() {
        var present = stat()
        guard lstat(path, &present) == 0, present.st_dev == identity.device, present.st_ino == identity.file else {
            return
        }
        unlink(path)
    }

    /// Whether a process accepts connections at the path. A process whose queue is full does, too.
    private static func isServed(_ path: String) -> Bool {
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        return UnixAddress(path)?.withSocketAddress {
            connect(descriptor, $0, $1) == 0 || errno == EAGAIN || errno == EACCES
        } ?? false
    }
}
