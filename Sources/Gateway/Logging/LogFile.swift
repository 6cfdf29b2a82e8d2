import Glibc

/// A file that lines are appended to, and that others may rename or remove while it is open, as programs that rotate logs
/// do. Only the thread that writes it may use it, since every call may block.
struct LogFile {
    let path: String
    private(set) var descriptor: Int32
    /// The second in which it was last seen whether the file is still at its path.
    private var lastLook: Int

    /// Opens the file, which is made where there is none, and which is readable for the group.
    ///
    /// - Throws: `CannotServe`, which names the reason.
    init(path: String) throws(CannotServe) {
        self.path = path
        descriptor = Self.open(path)
        lastLook = MachineClock.coarse().seconds
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw CannotServe("cannot write the access log '\(path)': \(reason); name another file with --access-log.")
        }
    }

    /// Opens the file anew if it is no longer at its path, which is looked at once a second. Where that fails, lines go on
    /// into the file that is open.
    mutating func follow() {
        let now = MachineClock.coarse().seconds
        guard now != lastLook else { return }
        lastLook = now
        guard !isAtPath else { return }
        let next = Self.open(path)
        guard next >= 0 else { return }
        close(descriptor)
        descriptor = next
    }

    /// Whether the path still leads to the open file.
    private var isAtPath: Bool {
        var (present, ours) = (stat(), stat())
        guard stat(path, &present) == 0, fstat(descriptor, &ours) == 0 else { return false }
        return present.st_dev == ours.st_dev && present.st_ino == ours.st_ino
    }

    private static func open(_ path: String) -> Int32 {
        // A pipe without a reader is refused rather than waited for.
        Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
    }
}
