/// The names of entries in the bucket, in LiteLLM's layout: `s3_path/` and the key with every `:` replaced by `/`.
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

    /// The name of a cache key's object, or the prefix of the names for a key's prefix. It is nil where S3 allows no
    /// such name, which must be UTF-8 of at most 1,024 bytes.
    func object(_ key: some Collection<UInt8>) -> String? {
        let bytes = key.map { $0 == UInt8(ascii: ":") ? UInt8(ascii: "/") : $0 }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        let object = folder + name
        return object.utf8.count <= Self.longestObject ? object : nil
    }
}
