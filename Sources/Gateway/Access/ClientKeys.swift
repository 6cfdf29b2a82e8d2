import Configuration
import ResponseCache

/// The keys of all tenants, by their digests. It is immutable and shared by all event loops.
///
/// A key is looked up by the SHA-256 of what the client sent, which takes a time that depends only on the length of
/// that: what an attacker could learn from the time that the table takes is about digests, of which none can be chosen.
struct ClientKeys: Sendable {
    private let tenants: [SHA256Digest: Tenant]

    /// No keys.
    init() { tenants = [:] }

    /// - Parameter usages: what the holders of all keys use.
    init(_ settings: [KeySettings], usages: KeyUsages) throws(SHA256Failure) {
        var tenants: [SHA256Digest: Tenant] = [:]
        for (position, key) in settings.enumerated() {
            guard let digest = try Self.digest(of: key) else { continue }
            tenants[digest] = Tenant(key, position: position, usages: usages)
        }
        self.tenants = tenants
    }

    var isEmpty: Bool { tenants.isEmpty }

    /// Returns the tenant whose key that is. It is nil where it is nobody's.
    func tenant(of key: some Collection<UInt8>) -> Tenant? {
        guard !tenants.isEmpty, key.count <= KeySettings.longestKey, let digest = try? Self.digest(of: Array(key))
        else { return nil }
        return tenants[digest]
    }

    /// Says which keys are given twice, and which is the master key.
    static func diagnostics(_ settings: Settings) throws(SHA256Failure) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var first: [SHA256Digest: KeySettings] = [:]
        let master: SHA256Digest? =
            if let key = settings.masterKey { try digest(of: Array(key.value.utf8)) } else { nil }
        for key in settings.keys {
            guard let digest = try digest(of: key) else { continue }
            var message: String?
            if digest == master { message = "the key of '\(key.name)' is the master key; give it one of its own" }
            if let other = first[digest] {
                message =
                    "the key of '\(key.name)' has been given to '\(other.name)' on line \(other.credentialPosition.line) "
                    + "already; give it one of its own"
            }
            first[digest] = first[digest] ?? key
            if let message { diagnostics.append(Diagnostic(.error, at: key.credentialPosition, message)) }
        }
        return diagnostics
    }

    /// The digest that the file gives, or that of the key. It is nil where the file gives one of another length.
    private static func digest(of key: KeySettings) throws(SHA256Failure) -> SHA256Digest? {
        switch key.credential {
        case .key(let secret): return try digest(of: Array(secret.value.utf8))
        case .digest(let bytes): return bytes.withUnsafeBytes { SHA256Digest(bytes: $0) }
        }
    }

    private static func digest(of bytes: [UInt8]) throws(SHA256Failure) -> SHA256Digest {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(SHA256Failure) in try SHA256.digest(once: bytes) }
        }
        return try result.get()
    }
}
