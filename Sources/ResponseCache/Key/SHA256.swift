import COpenSSL

/// A SHA-256 digest (FIPS 180-4) of 32 bytes, stored inline in the order in which they are written.
public struct SHA256Digest: Sendable, Hashable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// A digest of zeros, which is to be overwritten.
    init() {
        words = (0, 0, 0, 0)
    }

    /// A digest from elsewhere, such as the header of a stored entry. It is nil unless there are 32 bytes.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
    }

    /// The 32 bytes.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeMutableBytes(of: &words, body)
    }

    public static func == (left: SHA256Digest, right: SHA256Digest) -> Bool {
        left.words == right.words
    }

    public func hash(into hasher: inout Hasher) {
        // Any 8 bytes of a digest hash as well as all of them; equality compares the rest.
        hasher.combine(words.0)
    }
}

/// The cryptographic library did not compute a digest. This happens only if it is out of memory or installed without
/// SHA-256.
public struct SHA256Failure: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String { "the cryptographic library (libcrypto) could not compute a SHA-256 digest" }
}

/// Computes SHA-256 digests with one reused context. It has one owner on one thread, and is not `Sendable`.
public final class SHA256 {
    private let context: OpaquePointer

    /// The algorithm is looked up once per process, since each look-up is slow. It is nil if the library lacks it. It
    /// is written once, before its first use, and never freed: libcrypto's method objects may be shared between
    /// threads.
    private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

    public init() throws(SHA256Failure) {
        guard let algorithm = SHA256.algorithm, let context = EVP_MD_CTX_new() else { throw SHA256Failure() }
        guard EVP_DigestInit_ex2(context, algorithm, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw SHA256Failure()
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Computes a digest without a context of its own. [any thread]
    public static func digest(once bytes: UnsafeRawBufferPointer) throws(SHA256Failure) -> SHA256Digest {
        guard let algorithm else { throw SHA256Failure() }
        var digest = SHA256Digest()
        let done = digest.withUnsafeMutableBytes { out in
            EVP_Digest(
                bytes.baseAddress,
                bytes.count,
                out.bindMemory(to: UInt8.self).baseAddress,
                nil,
                algorithm,
                nil
            ) == 1
        }
        guard done else { throw SHA256Failure() }
        return digest
    }

    /// Computes the digest of `bytes`.
    public func digest(_ bytes: UnsafeRawBufferPointer) throws(SHA256Failure) -> SHA256Digest {
        var digest = SHA256Digest()
        let done = digest.withUnsafeMutableBytes { out in
            // Passing no algorithm reuses the previous one; naming it would make libcrypto allocate its state anew.
            EVP_DigestInit_ex2(context, nil, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, out.bindMemory(to: UInt8.self).baseAddress, nil) == 1
        }
        guard done else { throw SHA256Failure() }
        return digest
    }
}
