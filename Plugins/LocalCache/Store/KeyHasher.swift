/// Hashes keys with a secret of this process, so that nobody outside can choose keys that collide. Swift's `Hasher` is
/// SipHash-1-3 with a random seed, and the secret replaces the seed where that is switched off for debugging.
struct KeyHasher: Sendable {
    private let secret: (UInt64, UInt64)

    init() {
        var random = SystemRandomNumberGenerator()
        secret = (random.next(), random.next())
    }

    func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(secret.0)
        hasher.combine(secret.1)
        hasher.combine(bytes: key)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
