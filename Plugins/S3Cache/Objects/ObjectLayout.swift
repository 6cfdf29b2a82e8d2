/// The names of entries in the bucket, in LiteLLM's layout: `s3_path/` and the key with every `:` replaced by `/`.
///
/// No two keys have the same name. What LiteLLM's keys do not have is escaped with `%`: that sign itself, a slash, a part
/// between colons that a server may take for a folder (an empty one, `.` and `..`), and a part that is longer than the name
/// of a file may be, since some servers keep each part as one.
struct ObjectLayout: Sendable, Equatable {
    /// The folder, which is empty or ends in a slash.
    let folder: String

    init(path: String?) {
        var path = path ?? ""
        while path.hasSuffix("/") { path.removeLast() }
        folder = path.isEmpty ? "" : path + "/"
    }

    /// The greatest length of a name in S3, in bytes.
    static let longestObject = 1024
    /// The greatest length of a part between slashes, in bytes, without the `%` that says that it goes on.
    private static let longestPart = 200

    private static let slash = UInt8(ascii: "/")
    private static let percent = UInt8(ascii: "%")

    /// The name of a cache key's object. It is nil where S3 allows no such name, which must be UTF-8 of at most 1,024
    /// bytes.
    func object(_ key: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        for (index, part) in key.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).enumerated() {
            if index > 0 { bytes.append(Self.slash) }
            Self.append(part, to: &bytes)
        }
        return name(bytes)
    }

    /// The prefix of the names of all keys that begin with `prefix`, and maybe of others: `covers` tells those apart. It
    /// is nil where no key has such a name.
    func listing(_ prefix: some Collection<UInt8>) -> String? {
        var parts = prefix.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let last = parts.popLast()
        var bytes: [UInt8] = []
        for part in parts {
            Self.append(part, to: &bytes)
            bytes.append(Self.slash)
        }
        // The last part may go on, and is escaped only if it does not.
        if let last, !Self.isEscaped(last) { Self.append(last, to: &bytes) }
        return name(bytes)
    }

    /// Whether an object's name is that of a key that begins with `prefix`.
    func covers(_ object: String, _ prefix: some Collection<UInt8>) -> Bool {
        guard object.utf8.starts(with: folder.utf8) else { return false }
        guard let key = Self.key(Array(object.utf8.dropFirst(folder.utf8.count))) else { return false }
        return key.starts(with: prefix)
    }

    private func name(_ bytes: [UInt8]) -> String? {
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        let object = folder + name
        return object.utf8.count <= Self.longestObject ? object : nil
    }

    /// Whether a part is escaped as a whole: it is empty, `.` or `..`.
    private static func isEscaped(_ part: some Collection<UInt8>) -> Bool {
        part.count <= 2 && part.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        if isEscaped(part) {
            if part.isEmpty { bytes.append(percent) }
            for _ in part { bytes += Array("%2E".utf8) }
            return
        }
        var length = 0
        for byte in part {
            if length >= longestPart {
                bytes += [percent, slash]
                length = 0
            }
            switch byte {
            case slash: bytes += Array("%2F".utf8)
            case percent: bytes += Array("%25".utf8)
            default: bytes.append(byte)
            }
            length += byte == slash || byte == percent ? 3 : 1
        }
    }

    /// The key of a name without its folder. It is nil where the name is none of a key's.
    private static func key(_ name: [UInt8]) -> [UInt8]? {
        var key: [UInt8] = []
        var rest = name[...]
        while let byte = rest.popFirst() {
            switch byte {
            case slash: key.append(UInt8(ascii: ":"))
            case percent where rest.starts(with: "2F".utf8):
                key.append(slash)
                rest = rest.dropFirst(2)
            case percent where rest.starts(with: "25".utf8):
                key.append(percent)
                rest = rest.dropFirst(2)
            case percent where rest.starts(with: "2E".utf8):
                key.append(UInt8(ascii: "."))
                rest = rest.dropFirst(2)
            // An empty part, at the beginning or after a colon.
            case percent where key.isEmpty || key.last == UInt8(ascii: ":"):
                guard rest.isEmpty || rest.first == slash else { return nil }
            // A part that goes on.
            case percent:
                guard rest.popFirst() == slash else { return nil }
            default: key.append(byte)
            }
        }
        return key
    }
}
