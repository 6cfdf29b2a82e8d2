/// What a purge can name of an entry: the model or the tenant whose call made it, one of its tags, or its key. It is the
/// first half of a SHA-256 digest, so that an entry tells neither names nor tags.
public struct EntryLabel: Sendable, Hashable {
    let first: UInt64
    let second: UInt64

    /// How many bytes a label has.
    static let length = 16

    /// What a label stands for. No two kinds have the same label.
    public enum Kind: UInt8, Sendable {
        case model = 0x4D
        case tenant = 0x54
        case tag = 0x47
    }

    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// The label of a name, compared byte for byte.
    public init(_ kind: Kind, _ name: some Collection<UInt8>) throws(SHA256Failure) {
        let hash = try SHA256()
        let named: [UInt8] = [kind.rawValue] + name
        self.init(
            try named.withUnsafeBytes { bytes in
                Result { () throws(SHA256Failure) in try hash.digest(bytes) }
            }.get()
        )
    }

    /// The label of the entry that has a key.
    public init(key: CacheKey) { self.init(key.digest) }

    private init(_ digest: SHA256Digest) {
        self = digest.withUnsafeBytes { EntryLabel($0, at: 0) }
    }

    /// Reads a label, for which there are enough bytes.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }

    func write(into out: UnsafeMutableRawBufferPointer, at offset: Int) {
        out.storeBytes(of: first.littleEndian, toByteOffset: offset, as: UInt64.self)
        out.storeBytes(of: second.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
    }

    public func hash(into hasher: inout Hasher) {
        // Any 8 bytes of a digest hash as well as all of them; equality compares the rest.
        hasher.combine(first)
    }
}

/// What is known of the call to a model that made an entry, for purges.
public struct CallFacts: Sendable, Hashable {
    /// When the call began, as Unix time in milliseconds.
    public let began: UInt64
    /// Its model, its tenant and its tags. It is nil where they are not known, as of entries that earlier versions of the
    /// gateway have stored: every purge after the beginning covers those.
    public let labels: [EntryLabel]?

    /// The facts of what is no answer of a model, so that no purge is about it.
    public static let none = CallFacts(began: .max, labels: [])

    /// The facts of a call that began at `began`, Unix time in milliseconds.
    public init(began: UInt64, labels: [EntryLabel]?) {
        self.began = began
        self.labels = labels
    }
}
