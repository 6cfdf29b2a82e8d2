import COpenSSL
import NIOCore

/// Seals entries before they go to the backend, and opens what the backend returns. Bytes that were not sealed with one
/// of the keys, for the very cache key under which they are found, are not an entry.
///
/// A sealed entry is little-endian:
/// ```
///  0  magic "GWCE"           8  name of the key, 8 bytes    40  the entry, encrypted
///  4  version 2, 1 byte     16  nonce, 24 bytes                 tag, 16 bytes
///  5  zero, 3 bytes
/// ```
/// XAES-256-GCM with a random nonce; authenticated beside it are the first 16 bytes and the digest of the cache's key.
/// The entry is what `EntryHeader` describes, with a checksum of zero. Decision 0022 says why.
///
/// It belongs to one event loop, and is not `Sendable`.
public final class EntrySeal {
    /// How many bytes longer a sealed entry is.
    static let overhead = textAt + AuthenticatedCipher.tagLength

    private static let keyNameAt = 8
    private static let nonceAt = 16
    private static let textAt = nonceAt + AuthenticatedCipher.nonceLength

    private struct Key {
        let name: UInt64
        let cipher: AuthenticatedCipher
    }

    /// The first key seals, and each key opens what it sealed. The array is never empty.
    private let keys: [Key]

    /// - Parameter keys: at least one key.
    public init(keys: [EntryKey]) throws(EntrySealFailure) {
        guard !keys.isEmpty else { throw EntrySealFailure() }
        var made: [Key] = []
        for key in keys { made.append(Key(name: try Self.name(of: key), cipher: try AuthenticatedCipher(key: key))) }
        self.keys = made
    }

    /// The name of a key in a sealed entry: the beginning of a hash, which reveals nothing about a random key.
    private static func name(of key: EntryKey) throws(EntrySealFailure) -> UInt64 {
        do {
            let hash = try SHA256()
            let digest = try (Array("gateway entry key".utf8) + key.bytes).withUnsafeBytes {
                (bytes) throws(SHA256Failure) in try hash.digest(bytes)
            }
            return digest.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        } catch {
            throw EntrySealFailure()
        }
    }

    /// Runs `body` with the associated data of an entry.
    private static func withAssociated<Result>(
        _ start: UnsafeRawBufferPointer,
        _ key: CacheKey,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: nonceAt + EntryLayout.digestLength, alignment: 8) { memory in
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: start.prefix(nonceAt)))
            key.digest.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: memory[nonceAt...]).copyMemory(from: $0)
            }
            return body(UnsafeRawBufferPointer(memory))
        }
    }

    /// Returns the sealed entry. It is nil where libcrypto failed.
    ///
    /// - Parameter parts: the entry is their concatenation.
    func seal(_ parts: [ByteBuffer], for key: CacheKey) -> ByteBuffer? {
        let length = parts.reduce(Self.overhead) { $0 + $1.readableBytes }
        var isDone = false
        var out = ByteBufferAllocator().buffer(capacity: length)
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { memory in
            isDone = seal(parts, for: key, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<length]))
            return length
        }
        return isDone ? out : nil
    }

    private func seal(_ parts: [ByteBuffer], for key: CacheKey, into out: UnsafeMutableRawBufferPointer) -> Bool {
        guard let first = keys.first else { return false }
        out.storeBytes(of: EntryLayout.magic.littleEndian, as: UInt32.self)
        out.storeBytes(
            of: UInt32(EntryLayout.sealedVersion).littleEndian,
            toByteOffset: EntryLayout.versionAt,
            as: UInt32.self
        )
        out.storeBytes(of: first.name.littleEndian, toByteOffset: Self.keyNameAt, as: UInt64.self)
        let nonce = UnsafeMutableRawBufferPointer(rebasing: out[Self.nonceAt..<Self.textAt])
        guard RAND_bytes(nonce.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(nonce.count)) == 1 else {
            return false
        }
        return Self.withAssociated(UnsafeRawBufferPointer(out), key) { associated in
            first.cipher.encrypt(
                nonce: UnsafeRawBufferPointer(nonce),
                associated: associated,
                into: UnsafeMutableRawBufferPointer(rebasing: out[Self.textAt...])
            ) { add in
                for part in parts { part.withUnsafeReadableBytes { add($0) } }
            }
        }
    }

    /// Decrypts a sealed entry into memory of its own.
    func open(_ bytes: UnsafeRawBufferPointer, for key: CacheKey) throws(EntryFault) -> ByteBuffer {
        guard bytes.count >= Self.overhead else { throw .truncated }
        guard bytes.loadUnaligned(as: UInt32.self) == EntryLayout.magic.littleEndian else { throw .foreign }
        let version = bytes[EntryLayout.versionAt]
        guard version == EntryLayout.sealedVersion else {
            let isUnsealed = [EntryLayout.version, EntryLayout.labelledVersion, EntryLayout.countedVersion].contains(
                version
            )
            throw isUnsealed ? .unsealed : .unknownVersion
        }
        let name = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: Self.keyNameAt, as: UInt64.self))
        guard let cipher = keys.first(where: { $0.name == name })?.cipher else { throw .unknownKey }

        let length = bytes.count - Self.overhead
        var isOpen = false
        var entry = ByteBufferAllocator().buffer(capacity: length)
        entry.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { memory in
            guard let out = memory.baseAddress else { return 0 }
            isOpen = Self.withAssociated(bytes, key) { associated in
                cipher.decrypt(
                    UnsafeRawBufferPointer(rebasing: bytes[Self.textAt...]),
                    nonce: UnsafeRawBufferPointer(rebasing: bytes[Self.nonceAt..<Self.textAt]),
                    associated: associated,
                    into: out
                )
            }
            return isOpen ? length : 0
        }
        guard isOpen else { throw .forged }
        return entry
    }
}
