import Glibc

/// The bytes of a file that is UTF-8 text of limited size.
struct SourceFile {
    /// The greatest size of a configuration in bytes, into which a thousand models fit well.
    static let sizeLimit = 1 << 20

    let path: String
    /// Valid UTF-8 without NUL and without a byte order mark.
    let bytes: [UInt8]
    /// Who besides root and the gateway's own user may have written the file, and how to correct that. It is nil where
    /// nobody else can have written it.
    var distrust: String? = nil

    /// Reads at most `sizeLimit` bytes of `path`, however large the file is.
    static func read(_ path: String, purpose: String) throws(SourceError) -> SourceFile {
        let (bytes, status) = try readBytes(path, purpose: purpose)
        return SourceFile(path: path, bytes: try validated(bytes, path: path), distrust: distrust(status, path: path))
    }

    /// It examines the file that was read, whatever has replaced it since. Group-writable counts as world-writable,
    /// because the members of a group are not visible from here.
    private static func distrust(_ status: stat, path: String) -> String? {
        let own = geteuid()
        guard status.st_uid == 0 || status.st_uid == own else {
            return "it belongs to user \(status.st_uid), who could change what the gateway does; "
                + "run 'chown \(own == 0 ? "root" : String(own)) \(path)' if you trust what is in it"
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            let who = status.st_mode & S_IWOTH != 0 ? "everybody" : "its whole group"
            return "it can be changed by \(who), who could change what the gateway does; run 'chmod go-w \(path)' "
                + "if you trust what is in it"
        }
        return nil
    }

    private static func readBytes(
        _ path: String,
        purpose: String
    ) throws(SourceError) -> (bytes: [UInt8], status: stat) {
        let whole = SourcePosition(file: path)
        let descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw SourceError(whole, reason(path: path, code: errno, purpose: purpose)) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SourceError(whole, reason(path: path, code: errno, purpose: purpose))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG where status.st_size > sizeLimit: throw tooLarge(whole)
        case S_IFREG, S_IFIFO: break
        case S_IFDIR: throw SourceError(whole, "this is a directory; name the \(purpose) itself")
        default: throw SourceError(whole, "this is not a regular file; name the \(purpose) itself")
        }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(whole, reason(path: path, code: errno, purpose: purpose)) }
            if count == 0 { return (bytes, status) }
            bytes.append(contentsOf: chunk.prefix(count))
            if bytes.count > sizeLimit { throw tooLarge(whole) }
        }
    }

    /// Whether there is something at `path` that is neither missing nor a directory.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    private static func tooLarge(_ position: SourcePosition) -> SourceError {
        SourceError(position, "the file is larger than \(sizeLimit >> 20) MiB, the most that is read")
    }

    private static func reason(path: String, code: Int32, purpose: String) -> String {
        switch code {
        case ENOENT, ENOTDIR: "there is no such file; name an existing \(purpose)"
        case EACCES, EPERM: "the file may not be read by this user; check its permissions"
        case EISDIR: "this is a directory; name the \(purpose) itself"
        default: "the file cannot be read: \(String(cString: strerror(code)))"
        }
    }

    // MARK: Text

    static func validated(_ bytes: [UInt8], path: String) throws(SourceError) -> [UInt8] {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw SourceError(SourcePosition(file: path), "the file is UTF-16; save it as UTF-8")
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            _ = try UTF8Span(validating: text.span)
        } catch let error {
            let position = position(of: error.byteOffsets.lowerBound, in: text, path: path)
            throw SourceError(position, "the file is not valid UTF-8 here; save it as UTF-8")
        }
        if let offset = text.firstIndex(of: 0) {
            throw SourceError(position(of: offset, in: text, path: path), "there is a NUL byte here; remove it")
        }
        return text
    }

    /// Line and column of a byte, counting Unicode scalars.
    static func position(of offset: Int, in bytes: [UInt8], path: String) -> SourcePosition {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return SourcePosition(file: path, line: line, column: column)
    }
}

/// Why a file could not be understood, and where.
struct SourceError: Error {
    let position: SourcePosition
    let message: String

    init(_ position: SourcePosition, _ message: String) {
        self.position = position
        self.message = message
    }

    var diagnostic: Diagnostic { Diagnostic(.error, at: position, message) }
}
