/// Where an entry lies in the bucket: LiteLLM's layout, `s3_path/` and the key with every `:` as `/`.
struct ObjectLayout: Sendable, Equatable {
    /// Empty, or ends in a slash.
    let folder: String

    init(path: String?) {
        var path = path ?? ""
        while path.hasSuffix("/") { path.removeLast() }
        folder = path.isEmpty ? "" : path + "/"
    }

    /// What S3 takes, in bytes.
    static let longestObject = 1024

    /// The object of a cache key, or the prefix of objects of a key's prefix; nil: S3 has no object by such a name, which
    /// is UTF-8 of at most 1,024 bytes.
    func object(_ key: some Collection<UInt8>) -> String? {
        let bytes = key.map { $0 == UInt8(ascii: ":") ? UInt8(ascii: "/") : $0 }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        let object = folder + name
        return object.utf8.count <= Self.longestObject ? object : nil
    }
}
