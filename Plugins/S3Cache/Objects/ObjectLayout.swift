/// Where an entry lies in the bucket: LiteLLM's layout, `s3_path/` and the key with every `:` as `/`.
struct ObjectLayout: Sendable, Equatable {
    /// Empty, or ends in a slash.
    let folder: String

    init(path: String?) {
        var path = path ?? ""
        while path.hasSuffix("/") { path.removeLast() }
        folder = path.isEmpty ? "" : path + "/"
    }

    /// The longest name that S3 takes, in bytes.
    static let longestObject = 1024

    /// The name of a cache key's object, or the prefix of the names that belong to a key's prefix; nil where S3 has no
    /// object by such a name, which must be UTF-8 of at most 1,024 bytes.
    func object(_ key: some Collection<UInt8>) -> String? {
        let bytes = key.map { $0 == UInt8(ascii: ":") ? UInt8(ascii: "/") : $0 }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        let object = folder + name
        return object.utf8.count <= Self.longestObject ? object : nil
    }
}
