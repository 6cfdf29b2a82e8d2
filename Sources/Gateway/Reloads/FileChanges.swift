import Glibc

/// Decides from what the file system says of some files when they have changed for good. It has no clock and reads no file.
struct FileChanges {
    /// What the file system says of a file, without its content. A file that is replaced, written or touched has another
    /// stamp, and so has one to which a symbolic link leads somewhere else.
    struct Stamp: Equatable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int64 = 0
        var modified: Int64 = 0
        var changed: Int64 = 0

        /// The stamp of the file at a path, following links. It is nil where there is none.
        static func of(_ path: String) -> Stamp? {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Stamp(
                device: UInt64(status.st_dev),
                inode: UInt64(status.st_ino),
                size: Int64(status.st_size),
                modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
                changed: Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
            )
        }
    }

    private var settled: [String: Stamp?]
    private var pending: [String: Stamp?]?

    /// - Parameter stamps: those of the files that were read.
    init(_ stamps: [String: Stamp?]) {
        settled = stamps
    }

    /// Notes what the file system says now.
    ///
    /// - Returns: whether the files have changed since they were last read, and not since the last call. A change that is
    ///   under way is waited for.
    mutating func observe(_ stamps: [String: Stamp?]) -> Bool {
        guard stamps != settled else {
            pending = nil
            return false
        }
        guard stamps == pending else {
            pending = stamps
            return false
        }
        settled = stamps
        pending = nil
        return true
    }
}
