import COpenSSL

/// The cryptographic library cannot seal entries. This happens only if it is out of memory or installed without
/// AES-256-GCM.
public struct EntrySealFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String { "the cryptographic library (libcrypto) cannot compute AES-256-GCM" }
}

/// XAES-256-GCM (C2SP): AES-256-GCM under a key of its own for each message, which is derived from a long-lived key and
/// the first half of a nonce of 24 bytes.
///
/// Nonces may be random: two of 2^80 messages under one key have the same nonce with a probability of 2^-32. With the
/// 12-byte nonce of plain AES-256-GCM, that probability is reached after 2^32 messages.
///
/// The contexts of libcrypto are made once and used for one message after another. The cipher has one owner on one
/// thread, and is not `Sendable`.
final class AuthenticatedCipher {
    static let nonceLength = 24
    static let tagLength = 16

    /// The algorithms are looked up once per process, since each look-up is slow. They are nil if the library lacks
    /// them. They are written once, before their first use, and never freed: libcrypto's method objects may be shared
    /// between threads.
    private nonisolated(unsafe) static let gcm: OpaquePointer? = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    private nonisolated(unsafe) static let ecb: OpaquePointer? = EVP_CIPHER_fetch(nil, "AES-256-ECB", nil)

    /// AES under the long-lived key, block by block: it derives the keys of messages.
    private let derivation: OpaquePointer
    private let message: OpaquePointer
    /// The subkey K1 of CMAC (NIST SP 800-38B section 6.1) under the long-lived key.
    private var subkey: [UInt8]

    init(key: EntryKey) throws(EntrySealFailure) {
        guard let gcm = Self.gcm, let ecb = Self.ecb, let derivation = EVP_CIPHER_CTX_new() else {
            throw EntrySealFailure()
        }
        guard let message = EVP_CIPHER_CTX_new() else {
            EVP_CIPHER_CTX_free(derivation)
            throw EntrySealFailure()
        }
        self.derivation = derivation
        self.message = message
        subkey = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        let zeros = subkey
        guard EVP_EncryptInit_ex2(derivation, ecb, key.bytes, nil, nil) == 1,
            EVP_CIPHER_CTX_set_padding(derivation, 0) == 1,
            EVP_EncryptUpdate(derivation, &subkey, &length, zeros, 16) == 1,
            EVP_CipherInit_ex2(message, gcm, nil, nil, 1, nil) == 1
        else { throw EntrySealFailure() }
        subkey = Self.doubled(subkey)
    }

    deinit {
        EVP_CIPHER_CTX_free(derivation)
        EVP_CIPHER_CTX_free(message)
    }

    /// Twice a block in the field of CMAC.
    private static func doubled(_ block: [UInt8]) -> [UInt8] {
        var result = block
        for index in block.indices {
            let carried = index + 1 < block.count ? block[index + 1] >> 7 : 0
            result[index] = block[index] << 1 | carried
        }
        if let first = block.first, first >> 7 == 1, let last = result.indices.last { result[last] ^= 0x87 }
        return result
    }

    /// Prepares for one message: derives its key and adds the associated data.
    private func begin(
        _ nonce: UnsafeRawBufferPointer,
        _ associated: UnsafeRawBufferPointer,
        encrypts: Bool
    ) -> Bool {
        guard nonce.count == Self.nonceLength, let nonceStart = nonce.baseAddress else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { memory in
            let blocks = UnsafeMutableRawBufferPointer(rebasing: memory[..<32])
            let key = UnsafeMutableRawBufferPointer(rebasing: memory[32...])
            for number in 0..<2 {
                let start = number * 16
                let prefix: [4 of UInt8] = [0, UInt8(truncatingIfNeeded: number + 1), UInt8(ascii: "X"), 0]
                for index in 0..<16 {
                    blocks[start + index] = (index < 4 ? prefix[index] : nonce[index - 4]) ^ subkey[index]
                }
            }
            var length: Int32 = 0
            defer { OPENSSL_cleanse(key.baseAddress, key.count) }
            guard
                EVP_EncryptUpdate(
                    derivation,
                    key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    &length,
                    blocks.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    32
                ) == 1,
                EVP_CipherInit_ex2(
                    message,
                    nil,
                    key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    (nonceStart + 12).assumingMemoryBound(to: UInt8.self),
                    encrypts ? 1 : 0,
                    nil
                ) == 1
            else { return false }
            return update(nil, associated)
        }
    }

    /// - Parameter out: has room for as many bytes as are given. It is nil for associated data.
    private func update(_ out: UnsafeMutableRawPointer?, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard let count = Int32(exactly: bytes.count) else { return false }
        var length: Int32 = 0
        return EVP_CipherUpdate(
            message,
            out?.assumingMemoryBound(to: UInt8.self),
            &length,
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            count
        ) == 1
    }

    /// Encrypts a message.
    ///
    /// - Parameters:
    ///   - nonce: 24 bytes, never the same for two messages.
    ///   - body: calls its argument with the parts of the message in order.
    ///   - out: has room for the whole message and the tag that follows it.
    /// - Returns: whether the message was encrypted.
    func encrypt(
        nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer,
        into out: UnsafeMutableRawBufferPointer,
        _ body: ((UnsafeRawBufferPointer) -> Void) -> Void
    ) -> Bool {
        guard begin(nonce, associated, encrypts: true) else { return false }
        var position = 0
        var isDone = true
        body { part in
            guard isDone, part.count <= out.count - Self.tagLength - position else { return isDone = false }
            isDone = update(out.baseAddress.map { $0 + position }, part)
            position += part.count
        }
        var length: Int32 = 0
        guard isDone, position == out.count - Self.tagLength, let tag = out.baseAddress.map({ $0 + position }) else {
            return false
        }
        return EVP_CipherFinal_ex(message, tag.assumingMemoryBound(to: UInt8.self), &length) == 1
            && EVP_CIPHER_CTX_ctrl(message, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), tag) == 1
    }

    /// Decrypts a message that is followed by its tag. Discard what is written into `out` unless the result is true.
    ///
    /// - Parameter out: has room for the message.
    func decrypt(
        _ sealed: UnsafeRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer,
        into out: UnsafeMutableRawPointer
    ) -> Bool {
        guard sealed.count >= Self.tagLength, begin(nonce, associated, encrypts: false) else { return false }
        let text = UnsafeRawBufferPointer(rebasing: sealed.dropLast(Self.tagLength))
        let tag = UnsafeRawBufferPointer(rebasing: sealed.suffix(Self.tagLength))
        guard update(out, text),
            // libcrypto reads the tag, although it takes a pointer that it could write through.
            EVP_CIPHER_CTX_ctrl(
                message,
                EVP_CTRL_AEAD_SET_TAG,
                Int32(Self.tagLength),
                UnsafeMutableRawPointer(mutating: tag.baseAddress)
            ) == 1
        else { return false }
        var length: Int32 = 0
        // It writes no byte: a stream cipher has none left.
        return EVP_CipherFinal_ex(message, out.assumingMemoryBound(to: UInt8.self) + text.count, &length) == 1
    }
}
